import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, Vault } from '@oppi/event-store';
import { type Accepted, command, Operation, organisationId, uuid } from '@oppi/service';
import { z } from 'zod';
import { askForErasure, finishErasure } from './erasure';

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
    readonly store: EventStore,
    readonly vault: Vault,
  ) {}

  /**
   * A crash in between leaves "being erased"; the same call again goes on from there, and so does the worker that looks for
   * interrupted erasures.
   */
  async execute({ input: { personId }, context }: ErasePerson): Promise<Accepted> {
    await askForErasure(this, context, personId);
    const confirmation = { ...context, commandId: `${context.commandId.slice(0, 240)}:confirm` };
    delete (confirmation as { expectedVersion?: number }).expectedVersion;
    return finishErasure(this, confirmation, personId);
  }
}
