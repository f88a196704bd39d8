import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { DomainError } from '@oppi/event-sourcing';
import { EventStore, streamOf, Vault } from '@oppi/event-store';
import { localDate, Operation, organisationId, type OutputOf, query, uuid, version } from '@oppi/service';
import { z } from 'zod';
import { person, personStream } from '../../domain/person';

@Operation({
  rpc: 'GetPerson',
  http: 'GET /organisations/:organisationId/persons/:personId',
  allow: ['operations', 'manager', 'learner', 'integration'],
  own: ['learner'],
  summary: 'Reads a person with the memberships. A learner reads only herself or himself.',
})
export class GetPerson extends query(
  z.strictObject({ organisationId, personId: uuid }),
  z.strictObject({
    personId: uuid,
    name: z.string().optional(),
    email: z.string().optional(),
    externalId: z.string().optional(),
    erased: z.boolean(),
    memberships: z.array(
      z
        .strictObject({ teamId: uuid, fromOn: localDate.optional(), untilOn: localDate.optional() })
        .meta({ id: 'Membership' }),
    ),
    version,
  }),
) {}

@QueryHandler(GetPerson)
export class GetPersonHandler implements IQueryHandler<GetPerson> {
  constructor(
    private readonly store: EventStore,
    private readonly vault: Vault,
  ) {}

  async execute({ input, caller }: GetPerson): Promise<OutputOf<typeof GetPerson>> {
    const { organisationId, personId } = input;
    const { state, version } = await this.store.load(organisationId, streamOf(person, personStream(personId)));
    if (state.status === 'unset' || (caller.role === 'learner' && caller.actorId !== personId))
      throw new DomainError('not-found', 'person-not-found', 'There is no such person.');
    const texts = await this.vault.read({ organisationId, vault: 'person', subject: personId });
    return {
      personId,
      ...Object.fromEntries(texts),
      erased: state.status === 'erased',
      memberships: state.memberships.map(({ no: _no, ...membership }) => membership),
      version,
    };
  }
}
