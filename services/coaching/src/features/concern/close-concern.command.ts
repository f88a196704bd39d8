import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, Operation, organisationId, prose, uuid } from '@oppi/service';
import { z } from 'zod';
import { closeConcern, concerns, concernsStream, mayClose, OUTCOMES } from '../../domain/concern';
import { noteOn } from './concern-notes';

@Operation({
  rpc: 'CloseConcern',
  http: 'POST /organisations/:organisationId/learners/:personId/concerns/:concernId/close',
  allow: ['operations', 'coach'],
  own: ['coach'],
  summary: 'Closes a concern with an outcome. A coach closes only concerns that she or he owns.',
})
export class CloseConcern extends command(
  z.strictObject({
    organisationId,
    personId: uuid,
    concernId: uuid,
    outcome: z.enum(OUTCOMES),
    note: prose(4_000).optional(),
  }),
) {}

@CommandHandler(CloseConcern)
export class CloseConcernHandler implements ICommandHandler<CloseConcern> {
  constructor(private readonly store: EventStore) {}

  async execute({ input, context }: CloseConcern): Promise<Accepted> {
    const { organisationId, personId, concernId, outcome, note } = input;
    const stream = streamOf(concerns, concernsStream(personId));
    // First of all, so that no version tells a coach that the concern of another is there.
    if (context.actor.role === 'coach')
      mayClose((await this.store.load(organisationId, stream)).state, concernId, context.actor);
    return this.store.transact(
      context,
      { concerns: stream },
      (states) => ({ concerns: closeConcern(states.concerns, concernId, outcome, context.now) }),
      () => noteOn(personId, concernId, 'closing-note', note),
    );
  }
}
