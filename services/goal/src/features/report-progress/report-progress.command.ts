import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, instant, Operation, organisationId, text, uuid } from '@oppi/service';
import { z } from 'zod';
import { goal, goalStream } from '../../domain/goal';
import { reportProgress } from '../../domain/goal-progress';
import { requireOwnGoal } from '../../learners/own';

@Operation({
  rpc: 'ReportProgress',
  http: 'POST /organisations/:organisationId/goals/:goalId/progress',
  allow: ['operations', 'coach', 'manager', 'learner', 'integration'],
  own: ['coach', 'learner'],
  summary: 'Reports progress, on a milestone where one is named. Never attains a goal.',
})
export class ReportProgress extends command(
  z.strictObject({
    organisationId,
    goalId: uuid,
    milestoneId: text(64).optional(),
    percent: z.int().min(0).max(100).optional(),
    carriedOver: z.boolean().default(false),
    occurredAt: instant.optional(),
  }),
) {}

@CommandHandler(ReportProgress)
export class ReportProgressHandler implements ICommandHandler<ReportProgress> {
  constructor(private readonly store: EventStore) {}

  async execute({ input, context }: ReportProgress): Promise<Accepted> {
    await requireOwnGoal(this.store, input, context.actor);
    const { milestoneId, percent, carriedOver } = input;
    const { occurredAt } = context;
    return this.store.transact(context, { goal: streamOf(goal, goalStream(input.goalId)) }, (states) => ({
      goal: reportProgress(states.goal, { milestoneId, percent, carriedOver, occurredAt }),
    }));
  }
}
