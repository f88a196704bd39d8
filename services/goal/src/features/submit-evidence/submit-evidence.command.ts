import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, code, command, instant, Operation, organisationId, text, uuid } from '@oppi/service';
import { z } from 'zod';
import { goal, goalStream } from '../../domain/goal';
import { submitEvidence } from '../../domain/goal-evidence';
import { requireOwnGoal } from '../../learners/own';

@Operation({
  rpc: 'SubmitEvidence',
  http: 'PUT /organisations/:organisationId/goals/:goalId/evidence/:evidenceId',
  allow: ['operations', 'coach', 'manager', 'learner', 'integration'],
  own: ['coach', 'learner'],
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

  async execute({ input, context }: SubmitEvidence): Promise<Accepted> {
    await requireOwnGoal(this.store, input, context.actor);
    const { evidenceId, kind, sourceId, contentHash } = input;
    const { occurredAt, now: recordedAt, actor } = context;
    const item = { evidenceId, kind, sourceId, contentHash, submittedBy: actor.id, occurredAt, recordedAt };
    return this.store.transact(context, { goal: streamOf(goal, goalStream(input.goalId)) }, (states) => ({
      goal: submitEvidence(states.goal, item),
    }));
  }
}
