import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, Operation, organisationId, uuid } from '@oppi/service';
import { z } from 'zod';
import { changeOwner, concerns, concernsStream } from '../../domain/concern';

@Operation({
  rpc: 'ChangeConcernOwner',
  http: 'PUT /organisations/:organisationId/learners/:personId/concerns/:concernId/owner',
  allow: ['operations'],
  summary: 'Gives an open concern an owner.',
})
export class ChangeConcernOwner extends command(
  z.strictObject({ organisationId, personId: uuid, concernId: uuid, ownerId: uuid }),
) {}

@CommandHandler(ChangeConcernOwner)
export class ChangeConcernOwnerHandler implements ICommandHandler<ChangeConcernOwner> {
  constructor(private readonly store: EventStore) {}

  execute({ input, context }: ChangeConcernOwner): Promise<Accepted> {
    const { personId, concernId, ownerId } = input;
    return this.store.transact(context, { concerns: streamOf(concerns, concernsStream(personId)) }, (states) => ({
      concerns: changeOwner(states.concerns, concernId, ownerId),
    }));
  }
}
