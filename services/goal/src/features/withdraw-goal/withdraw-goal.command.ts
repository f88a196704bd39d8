import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { localDateOf } from '@oppi/event-sourcing';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, code, command, instant, Operation, organisationId, prose, uuid } from '@oppi/service';
import { z } from 'zod';
import { commentOn } from '../../domain/comment';
import { goal, goalStream, set } from '../../domain/goal';
import { withdrawGoal } from '../../domain/goal-agreement';

@Operation({
  rpc: 'WithdrawGoal',
  http: 'POST /organisations/:organisationId/goals/:goalId/withdraw',
  allow: ['operations', 'verifier', 'sponsor', 'manager'],
  summary: 'Withdraws a goal.',
})
export class WithdrawGoal extends command(
  z.strictObject({
    organisationId,
    goalId: uuid,
    reasonCode: code,
    evidenceId: uuid.optional(),
    occurredAt: instant.optional(),
    comment: prose(2_000).optional(),
  }),
) {}

@CommandHandler(WithdrawGoal)
export class WithdrawGoalHandler implements ICommandHandler<WithdrawGoal> {
  constructor(private readonly store: EventStore) {}

  execute({ input, context }: WithdrawGoal): Promise<Accepted> {
    const { reasonCode, evidenceId } = input;
    return this.store.transact(
      context,
      { goal: streamOf(goal, goalStream(input.goalId)) },
      (states) => {
        const effectiveOn = localDateOf(context.occurredAt, set(states.goal).terms.timeZone);
        return { goal: withdrawGoal(states.goal, { reasonCode, evidenceId, effectiveOn }) };
      },
      (states) => commentOn(states.goal, input, 'withdrawn'),
    );
  }
}
