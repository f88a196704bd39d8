import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf, Vault } from '@oppi/event-store';
import { type Accepted, command, Operation, organisationId, uuid } from '@oppi/service';
import { z } from 'zod';
import { confirmErasure, person, personStream, requestErasure } from '../../domain/person';

@Operation({
  rpc: 'ErasePerson',
  http: 'POST /organisations/:organisationId/persons/:personId/erase',
  allow: ['operations'],
  summary: "Destroys a person's keys and personal texts; figures and proof stay.",
})
export class ErasePerson extends command(z.strictObject({ organisationId, personId: uuid })) {}

@CommandHandler(ErasePerson)
export class ErasePersonHandler implements ICommandHandler<ErasePerson> {
  constructor(
    private readonly store: EventStore,
    private readonly vault: Vault,
  ) {}

  /**
   * Request, destroy, confirm, in this order (rule I7): nothing ever says "erased" while a key exists. A crash in between
   * leaves "being erased"; the same call again goes on from there.
   */
  async execute({ input, context }: ErasePerson): Promise<Accepted> {
    const { organisationId, personId } = input;
    const streams = { person: streamOf(person, personStream(personId)) };
    await this.store.transact(context, streams, (states) => ({ person: requestErasure(states.person, personId) }));
    await this.vault.erase(organisationId, personId);
    const confirmation = { ...context, commandId: `${context.commandId.slice(0, 240)}:confirm` };
    delete (confirmation as { expectedVersion?: number }).expectedVersion;
    return this.store.transact(confirmation, streams, (states) => ({
      person: confirmErasure(states.person, personId),
    }));
  }
}
