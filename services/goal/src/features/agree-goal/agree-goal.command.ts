import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, instant, Operation, organisationId, uuid } from '@oppi/service';
import { z } from 'zod';
import { effectiveOn } from '../../domain/dating';
import { goal, goalStream, set } from '../../domain/goal';
import { agreeGoal } from '../../domain/goal-agreement';

@Operation({
  rpc: 'AgreeGoal',
  http: 'POST /organisations/:organisationId/goals/:goalId/agree',
  allow: ['operations', 'sponsor', 'manager'],
  summary: "Gives one party's agreement; with provider and client, two different actors, the goal is agreed.",
})
export class AgreeGoal extends command(
  z.strictObject({
    organisationId,
    goalId: uuid,
    occurredAt: instant.optional(),
    dateUnknown: z.boolean().default(false),
  }),
) {}

@CommandHandler(AgreeGoal)
export class AgreeGoalHandler implements ICommandHandler<AgreeGoal> {
  constructor(private readonly store: EventStore) {}

  execute({ input, context }: AgreeGoal): Promise<Accepted> {
    const party = context.actor.role === 'operations' ? 'provider' : 'client';
    return this.store.transact(context, { goal: streamOf(goal, goalStream(input.goalId)) }, (states) => {
      const { timeZone } = set(states.goal).terms;
      return {
        goal: agreeGoal(states.goal, party, context.actor.id, effectiveOn(context, timeZone, input.dateUnknown)),
      };
    });
  }
}
