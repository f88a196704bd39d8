import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { localDate, Operation, organisationId, type OutputOf, query, uuid, version } from '@oppi/service';
import { z } from 'zod';
import { commitment, commitmentStream, madeCommitment } from '../../domain/commitment';

@Operation({
  rpc: 'GetCommitment',
  http: 'GET /organisations/:organisationId/commitments/:commitmentId',
  allow: ['operations', 'billing', 'sponsor', 'manager', 'coach', 'verifier', 'integration'],
  summary: 'Reads a commitment: the promise as agreed. How it stands, reporting tells.',
})
export class GetCommitment extends query(
  z.strictObject({ organisationId, commitmentId: uuid }),
  z.strictObject({
    commitmentId: uuid,
    name: z.string(),
    status: z.enum(['proposed', 'agreed']),
    goalIds: z.array(uuid),
    threshold: z.int(),
    dueOn: localDate,
    priceMinor: z.string(),
    currency: z.string(),
    vatRateBasisPoints: z.int(),
    agreedOn: localDate.optional(),
    version,
  }),
) {}

@QueryHandler(GetCommitment)
export class GetCommitmentHandler implements IQueryHandler<GetCommitment> {
  constructor(private readonly store: EventStore) {}

  async execute({ input }: GetCommitment): Promise<OutputOf<typeof GetCommitment>> {
    const stream = streamOf(commitment, commitmentStream(input.commitmentId));
    const { state, version } = await this.store.load(input.organisationId, stream);
    const { status, terms, agreedOn } = madeCommitment(state);
    const { timeZone: _timeZone, imported: _imported, goalIds, priceMinor, ...promise } = terms;
    return {
      ...promise,
      goalIds: [...goalIds],
      priceMinor: String(priceMinor),
      status,
      ...(agreedOn && { agreedOn }),
      version,
    };
  }
}
