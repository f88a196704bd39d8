import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { Operation, organisationId, type OutputOf, query, version } from '@oppi/service';
import { z } from 'zod';
import { organisation, organisationStream, registered } from '../../domain/organisation';

@Operation({
  rpc: 'GetOrganisation',
  http: 'GET /organisations/:organisationId',
  allow: ['operations', 'coach', 'verifier', 'billing', 'sponsor', 'manager', 'learner', 'integration'],
  summary: 'Reads an organisation.',
})
export class GetOrganisation extends query(
  z.strictObject({ organisationId }),
  z.strictObject({ organisationId, timeZone: z.string(), currency: z.string(), graceDays: z.int(), version }),
) {}

@QueryHandler(GetOrganisation)
export class GetOrganisationHandler implements IQueryHandler<GetOrganisation> {
  constructor(private readonly store: EventStore) {}

  async execute({ input: { organisationId } }: GetOrganisation): Promise<OutputOf<typeof GetOrganisation>> {
    const stream = streamOf(organisation, organisationStream(organisationId));
    const { state, version } = await this.store.load(organisationId, stream);
    return { organisationId, ...registered(state), version };
  }
}
