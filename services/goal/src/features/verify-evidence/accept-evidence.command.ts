import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore } from '@oppi/event-store';
import { type Accepted, command, instant, Operation, organisationId, text, uuid } from '@oppi/service';
import { z } from 'zod';
import { acceptEvidence } from '../../domain/goal-evidence';
import { judgedStreams, verifierOf } from '../../learners/judgement';

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

  async execute({ input, context }: AcceptEvidence): Promise<Accepted> {
    const { evidenceId, criterionIds } = input;
    const streams = await judgedStreams(this.store, input);
    return this.store.transact(context, streams, (states) => ({
      goal: acceptEvidence(states.goal, evidenceId, criterionIds, verifierOf(context.actor, states.learner)),
    }));
  }
}
