import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { localDateOf } from '@oppi/event-sourcing';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, instant, Operation, organisationId, uuid } from '@oppi/service';
import { z } from 'zod';
import { agreeCommitment, commitment, commitmentStream, madeCommitment } from '../../domain/commitment';
import { promiseGoals } from '../../domain/goal-promise';
import { byStream, listedGoals, listedStreams } from './listed-goals';

@Operation({
  rpc: 'AgreeCommitment',
  http: 'POST /organisations/:organisationId/commitments/:commitmentId/agree',
  allow: ['operations', 'sponsor'],
  summary: "Gives one party's agreement; with provider and client, two different actors, the commitment is agreed.",
})
export class AgreeCommitment extends command(
  z.strictObject({ organisationId, commitmentId: uuid, occurredAt: instant.optional() }),
) {}

@CommandHandler(AgreeCommitment)
export class AgreeCommitmentHandler implements ICommandHandler<AgreeCommitment> {
  constructor(private readonly store: EventStore) {}

  /** The list is read first, to know which goals to decide on; it never changes once proposed. */
  async execute({ input, context }: AgreeCommitment): Promise<Accepted> {
    const own = streamOf(commitment, commitmentStream(input.commitmentId));
    const { terms } = madeCommitment((await this.store.load(input.organisationId, own)).state);
    const party = context.actor.role === 'operations' ? 'provider' : 'client';
    const effectiveOn = localDateOf(context.occurredAt, terms.timeZone);
    return this.store.transact(context, { commitment: own, ...listedStreams(terms.goalIds) }, (states) => {
      const decided = agreeCommitment(states.commitment, party, context.actor.id, effectiveOn);
      if (!decided.some((event) => event.type === 'CommitmentAgreed')) return { commitment: decided };
      return { commitment: decided, ...byStream(promiseGoals(listedGoals(states, terms.goalIds), terms)) };
    });
  }
}
