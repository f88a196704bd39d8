import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { localDateOf } from '@oppi/event-sourcing';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, localDate, Operation, organisationId, text, uuid } from '@oppi/service';
import { z } from 'zod';
import { commitment, commitmentStream, proposeCommitment } from '../../domain/commitment';
import { requireListable } from '../../domain/goal-promise';
import { organisation, organisationStream, registered } from '../../domain/organisation';
import { listedGoals, listedStreams } from './listed-goals';

/** What one message on the bus can carry. */
const MOST_GOALS = 5_000;

@Operation({
  rpc: 'ProposeCommitment',
  http: 'PUT /organisations/:organisationId/commitments/:commitmentId',
  allow: ['operations', 'integration'],
  summary: 'Proposes an accountability commitment: so many of these goals by then, at a price per attained goal.',
})
export class ProposeCommitment extends command(
  z.strictObject({
    organisationId,
    commitmentId: uuid,
    name: text(120),
    goalIds: z
      .array(uuid)
      .min(1)
      .max(MOST_GOALS)
      .refine((ids) => new Set(ids).size === ids.length, 'must be different')
      .meta({ uniqueItems: true }),
    threshold: z.int().min(1).max(MOST_GOALS),
    dueOn: localDate,
    // Twelve digits: the sum over all goals still is a safe integer.
    priceMinor: z.string().regex(/^[1-9][0-9]{0,11}$/, 'must be a whole number from 1, as text'),
    vatRateBasisPoints: z.int().min(0).max(10_000),
  }),
) {}

@CommandHandler(ProposeCommitment)
export class ProposeCommitmentHandler implements ICommandHandler<ProposeCommitment> {
  constructor(private readonly store: EventStore) {}

  execute({ input, context }: ProposeCommitment): Promise<Accepted> {
    const { organisationId, priceMinor, ...promise } = input;
    const streams = {
      commitment: streamOf(commitment, commitmentStream(input.commitmentId)),
      organisation: streamOf(organisation, organisationStream(organisationId)),
      ...listedStreams(input.goalIds),
    };
    return this.store.transact(context, streams, (states) => {
      const { timeZone, currency } = registered(states.organisation);
      const terms = { ...promise, priceMinor: Number(priceMinor), currency, timeZone, imported: context.imported };
      const proposed = proposeCommitment(states.commitment, terms, localDateOf(context.now, timeZone));
      requireListable(listedGoals(states, input.goalIds), terms);
      return { commitment: proposed };
    });
  }
}
