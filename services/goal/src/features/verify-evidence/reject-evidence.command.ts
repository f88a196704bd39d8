import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, Operation, organisationId, prose, uuid } from '@oppi/service';
import { z } from 'zod';
import { commentOn } from '../../domain/comment';
import { goal, goalStream } from '../../domain/goal';
import { rejectEvidence } from '../../domain/goal-evidence';

@Operation({
  rpc: 'RejectEvidence',
  http: 'POST /organisations/:organisationId/goals/:goalId/evidence/:evidenceId/reject',
  allow: ['verifier'],
  summary: 'Rejects evidence, with a reason (rule E13).',
})
export class RejectEvidence extends command(
  z.strictObject({
    organisationId,
    goalId: uuid,
    evidenceId: uuid,
    comment: prose(2_000),
  }),
) {}

@CommandHandler(RejectEvidence)
export class RejectEvidenceHandler implements ICommandHandler<RejectEvidence> {
  constructor(private readonly store: EventStore) {}

  execute({ input, context }: RejectEvidence): Promise<Accepted> {
    const { evidenceId } = input;
    return this.store.transact(
      context,
      { goal: streamOf(goal, goalStream(input.goalId)) },
      (states) => ({ goal: rejectEvidence(states.goal, evidenceId, context.actor.id) }),
      (states) => commentOn(states.goal, input, 'rejected'),
    );
  }
}
