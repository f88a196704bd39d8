import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, instant, Operation, organisationId, text, uuid } from '@oppi/service';
import { z } from 'zod';
import { goal, goalStream } from '../../domain/goal';
import { acceptEvidence } from '../../domain/goal-evidence';

@Operation({
  rpc: 'AcceptEvidence',
  http: 'POST /organisations/:organisationId/goals/:goalId/evidence/:evidenceId/accept',
  allow: ['verifier'],
  summary: 'Accepts evidence for the criteria it meets; the goal is attained when all are met.',
})
export class AcceptEvidence extends command(
  z.strictObject({
    organisationId,
    goalId: uuid,
    evidenceId: uuid,
    criterionIds: z.array(text(64)).max(20).default([]),
    occurredAt: instant.optional(),
  }),
) {}

@CommandHandler(AcceptEvidence)
export class AcceptEvidenceHandler implements ICommandHandler<AcceptEvidence> {
  constructor(private readonly store: EventStore) {}

  execute({ input, context }: AcceptEvidence): Promise<Accepted> {
    const { evidenceId, criterionIds } = input;
    return this.store.transact(context, { goal: streamOf(goal, goalStream(input.goalId)) }, (states) => ({
      goal: acceptEvidence(states.goal, evidenceId, criterionIds, context.actor.id),
    }));
  }
}
