import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, localDate, Operation, organisationId, prose, uuid } from '@oppi/service';
import { z } from 'zod';
import { commentOn } from '../../domain/comment';
import { goal, goalStream } from '../../domain/goal';
import { referEvidence } from '../../domain/goal-evidence';

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

  execute({ input, context }: ReferEvidence): Promise<Accepted> {
    const { evidenceId, respondBy } = input;
    return this.store.transact(
      context,
      { goal: streamOf(goal, goalStream(input.goalId)) },
      (states) => ({ goal: referEvidence(states.goal, evidenceId, context.actor.id, respondBy) }),
      (states) => commentOn(states.goal, input, 'referred'),
    );
  }
}
