import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf, type Text } from '@oppi/event-store';
import { type Accepted, command, Operation, organisationId, text, uuid } from '@oppi/service';
import { z } from 'zod';
import { organisation, organisationStream, registered } from '../../domain/organisation';
import { addPerson, person, personStream } from '../../domain/person';

@Operation({
  rpc: 'AddPerson',
  http: 'PUT /organisations/:organisationId/persons/:personId',
  allow: ['operations', 'manager', 'integration'],
  summary: 'Adds a person; name, e-mail and external id go to the person vault.',
})
export class AddPerson extends command(
  z.strictObject({
    organisationId,
    personId: uuid,
    name: text(200).optional(),
    email: z.email().max(254).optional(),
    externalId: text(200).optional(),
  }),
) {}

const PERSONAL = ['name', 'email', 'externalId'] as const;

@CommandHandler(AddPerson)
export class AddPersonHandler implements ICommandHandler<AddPerson> {
  constructor(private readonly store: EventStore) {}

  execute({ input, context }: AddPerson): Promise<Accepted> {
    const streams = {
      person: streamOf(person, personStream(input.personId)),
      organisation: streamOf(organisation, organisationStream(input.organisationId)),
    };
    const texts = PERSONAL.flatMap((place): Text[] => {
      const value = input[place];
      return value === undefined ? [] : [{ vault: 'person', subject: input.personId, place, text: value }];
    });
    return this.store.transact(
      context,
      streams,
      (states) => {
        registered(states.organisation);
        return { person: addPerson(states.person, input.personId) };
      },
      () => texts,
    );
  }
}
