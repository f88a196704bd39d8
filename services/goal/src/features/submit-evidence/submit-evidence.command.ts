import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, code, command, instant, Operation, organisationId, text, uuid } from '@oppi/service';
import { z } from 'zod';
import { goal, goalStream, requireOwn } from '../../domain/goal';
import { submitEvidence } from '../../domain/goal-evidence';

@Operation({
  rpc: 'SubmitEvidence',
  http: 'PUT /organisations/:organisationId/goals/:goalId/evidence/:evidenceId',
  allow: ['operations', 'coach', 'manager', 'learner', 'integration'],
  summary: 'Submits evidence.',
})
export class SubmitEvidence extends command(
  z.strictObject({
    organisationId,
    goalId: uuid,
    evidenceId: uuid,
    kind: code,
    sourceId: text(200).optional(),
    contentHash: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex')
      .optional(),
    occurredAt: instant.optional(),
  }),
) {}

@CommandHandler(SubmitEvidence)
export class SubmitEvidenceHandler implements ICommandHandler<SubmitEvidence> {
  constructor(private readonly store: EventStore) {}

  execute({ input, context }: SubmitEvidence): Promise<Accepted> {
    const { evidenceId, kind, sourceId, contentHash } = input;
    const { occurredAt, now: recordedAt, actor } = context;
    const item = { evidenceId, kind, sourceId, contentHash, submittedBy: actor.id, occurredAt, recordedAt };
    return this.store.transact(context, { goal: streamOf(goal, goalStream(input.goalId)) }, (states) => {
      requireOwn(states.goal, actor);
      return { goal: submitEvidence(states.goal, item) };
    });
  }
}
