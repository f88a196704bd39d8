import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, Operation, organisationId } from '@oppi/service';
import { z } from 'zod';
import { organisation, organisationStream, registerOrganisation } from '../../domain/organisation';

const timeZones = new Set([...Intl.supportedValuesOf('timeZone'), 'UTC']);
const currencies = new Set(Intl.supportedValuesOf('currency'));

@Operation({
  rpc: 'RegisterOrganisation',
  http: 'PUT /organisations/:organisationId',
  allow: ['operations'],
  summary: 'Registers a client organisation.',
})
export class RegisterOrganisation extends command(
  z.strictObject({
    organisationId,
    timeZone: z
      .string()
      .max(64)
      .refine((zone) => timeZones.has(zone), 'must be an IANA time zone')
      .meta({ example: 'Europe/Helsinki' }),
    currency: z
      .string()
      .max(3)
      .refine((currency) => currencies.has(currency), 'must be an ISO 4217 code')
      .meta({ example: 'EUR' }),
    graceDays: z.int().min(0).max(365).default(14),
  }),
) {}

@CommandHandler(RegisterOrganisation)
export class RegisterOrganisationHandler implements ICommandHandler<RegisterOrganisation> {
  constructor(private readonly store: EventStore) {}

  execute({ input, context }: RegisterOrganisation): Promise<Accepted> {
    const stream = organisationStream(input.organisationId);
    return this.store.transact(context, { organisation: streamOf(organisation, stream) }, (states) => ({
      organisation: registerOrganisation(states.organisation, input.organisationId, input),
    }));
  }
}
