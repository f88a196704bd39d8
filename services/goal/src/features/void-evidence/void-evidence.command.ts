import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { DomainError, localDateOf } from '@oppi/event-sourcing';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, code, command, instant, Operation, organisationId, prose, uuid } from '@oppi/service';
import { z } from 'zod';
import { commentOn } from '../../domain/comment';
import { goal, goalStream, set } from '../../domain/goal';
import { voidEvidence } from '../../domain/goal-evidence';

@Operation({
  rpc: 'VoidEvidence',
  http: 'POST /organisations/:organisationId/goals/:goalId/evidence/:evidenceId/void',
  allow: ['operations', 'verifier'],
  summary: 'Voids evidence for ever; an attainment that rested on it is revoked (rule E5).',
})
export class VoidEvidence extends command(
  z.strictObject({
    organisationId,
    goalId: uuid,
    evidenceId: uuid,
    reasonCode: code,
    groundAt: instant.optional().meta({ description: 'From when it was not valid; absent: it never was.' }),
    comment: prose(2_000).optional(),
  }),
) {}

@CommandHandler(VoidEvidence)
export class VoidEvidenceHandler implements ICommandHandler<VoidEvidence> {
  constructor(private readonly store: EventStore) {}

  execute({ input, context }: VoidEvidence): Promise<Accepted> {
    const { evidenceId, reasonCode, groundAt } = input;
    if (groundAt !== undefined && groundAt > context.now)
      throw new DomainError('refused', 'ground-in-future', 'The ground cannot fall in the future.');
    return this.store.transact(
      context,
      { goal: streamOf(goal, goalStream(input.goalId)) },
      (states) => {
        const { timeZone } = set(states.goal).terms;
        const groundOn = groundAt === undefined ? undefined : localDateOf(groundAt, timeZone);
        return { goal: voidEvidence(states.goal, evidenceId, reasonCode, groundOn) };
      },
      (states) => commentOn(states.goal, input, 'voided'),
    );
  }
}
