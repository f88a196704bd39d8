import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, instant, Operation, organisationId, text, uuid } from '@oppi/service';
import { z } from 'zod';
import { goal, goalStream, requireOwn } from '../../domain/goal';
import { reportProgress } from '../../domain/goal-progress';

@Operation({
  rpc: 'ReportProgress',
  http: 'POST /organisations/:organisationId/goals/:goalId/progress',
  allow: ['operations', 'coach', 'manager', 'learner', 'integration'],
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

  execute({ input, context }: ReportProgress): Promise<Accepted> {
    const { milestoneId, percent, carriedOver } = input;
    const { occurredAt } = context;
    return this.store.transact(context, { goal: streamOf(goal, goalStream(input.goalId)) }, (states) => {
      requireOwn(states.goal, context.actor);
      return { goal: reportProgress(states.goal, { milestoneId, percent, carriedOver, occurredAt }) };
    });
  }
}
