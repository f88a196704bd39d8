import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, instant, Operation, organisationId, text, uuid } from '@oppi/service';
import { z } from 'zod';
import { goal, goalStream } from '../../domain/goal';
import { completeActivity } from '../../domain/goal-activities';
import { requireOwnGoal } from '../../learners/own';

@Operation({
  rpc: 'CompleteActivity',
  http: 'POST /organisations/:organisationId/goals/:goalId/activities/:activityId/complete',
  allow: ['operations', 'coach', 'manager', 'learner', 'integration'],
  own: ['coach', 'learner'],
  summary: 'Says that an activity of a goal was done. Never attains a goal.',
})
export class CompleteActivity extends command(
  z.strictObject({ organisationId, goalId: uuid, activityId: text(64), occurredAt: instant.optional() }),
) {}

@CommandHandler(CompleteActivity)
export class CompleteActivityHandler implements ICommandHandler<CompleteActivity> {
  constructor(private readonly store: EventStore) {}

  async execute({ input, context }: CompleteActivity): Promise<Accepted> {
    await requireOwnGoal(this.store, input, context.actor);
    return this.store.transact(context, { goal: streamOf(goal, goalStream(input.goalId)) }, (states) => ({
      goal: completeActivity(states.goal, input.activityId, context.occurredAt),
    }));
  }
}
