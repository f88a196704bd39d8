import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore } from '@oppi/event-store';
import { type Accepted, command, Operation, organisationId, prose, uuid } from '@oppi/service';
import { z } from 'zod';
import { commentOn } from '../../domain/comment';
import { rejectEvidence } from '../../domain/goal-evidence';
import { judgedStreams, verifierOf } from '../../learners/judgement';

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

  async execute({ input, context }: RejectEvidence): Promise<Accepted> {
    const { evidenceId } = input;
    const streams = await judgedStreams(this.store, input);
    return this.store.transact(
      context,
      streams,
      (states) => ({ goal: rejectEvidence(states.goal, evidenceId, verifierOf(context.actor, states.learner)) }),
      (states) => commentOn(states.goal, input, 'rejected'),
    );
  }
}
