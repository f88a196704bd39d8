import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore } from '@oppi/event-store';
import { type Accepted, command, localDate, Operation, organisationId, prose, uuid } from '@oppi/service';
import { z } from 'zod';
import { commentOn } from '../../domain/comment';
import { referEvidence } from '../../domain/goal-evidence';
import { judgedStreams, verifierOf } from '../../learners/judgement';

@Operation({
  rpc: 'ReferEvidence',
  http: 'POST /organisations/:organisationId/goals/:goalId/evidence/:evidenceId/refer',
  allow: ['verifier'],
  summary: 'Asks for more, by a date.',
})
export class ReferEvidence extends command(
  z.strictObject({
    organisationId,
    goalId: uuid,
    evidenceId: uuid,
    respondBy: localDate,
    comment: prose(2_000).optional(),
  }),
) {}

@CommandHandler(ReferEvidence)
export class ReferEvidenceHandler implements ICommandHandler<ReferEvidence> {
  constructor(private readonly store: EventStore) {}

  async execute({ input, context }: ReferEvidence): Promise<Accepted> {
    const { evidenceId, respondBy } = input;
    const streams = await judgedStreams(this.store, input);
    return this.store.transact(
      context,
      streams,
      (states) => ({
        goal: referEvidence(states.goal, evidenceId, verifierOf(context.actor, states.learner), respondBy),
      }),
      (states) => commentOn(states.goal, input, 'referred'),
    );
  }
}
