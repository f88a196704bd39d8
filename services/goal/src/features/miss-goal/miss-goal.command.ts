import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { localDateOf } from '@oppi/event-sourcing';
import { EventStore } from '@oppi/event-store';
import { type Accepted, command, instant, Operation, organisationId, uuid } from '@oppi/service';
import { z } from 'zod';
import { set } from '../../domain/goal';
import { missGoal } from '../../domain/goal-evidence';
import { judgedStreams, verifierOf } from '../../learners/judgement';

@Operation({
  rpc: 'MissGoal',
  http: 'POST /organisations/:organisationId/goals/:goalId/miss',
  allow: ['verifier'],
  summary: 'Judges a goal missed on accepted evidence.',
})
export class MissGoal extends command(
  z.strictObject({ organisationId, goalId: uuid, evidenceId: uuid, occurredAt: instant.optional() }),
) {}

@CommandHandler(MissGoal)
export class MissGoalHandler implements ICommandHandler<MissGoal> {
  constructor(private readonly store: EventStore) {}

  async execute({ input, context }: MissGoal): Promise<Accepted> {
    const streams = await judgedStreams(this.store, input);
    return this.store.transact(context, streams, (states) => {
      const effectiveOn = localDateOf(context.occurredAt, set(states.goal).terms.timeZone);
      return { goal: missGoal(states.goal, input.evidenceId, verifierOf(context.actor, states.learner), effectiveOn) };
    });
  }
}
