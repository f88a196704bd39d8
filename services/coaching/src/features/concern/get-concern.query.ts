import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DomainError } from '@oppi/event-sourcing';
import { EventStore, streamOf, Vault } from '@oppi/event-store';
import { Operation, organisationId, type OutputOf, query, readerOf, uuid } from '@oppi/service';
import { z } from 'zod';
import { concernOf, concerns, concernsStream } from '../../domain/concern';
import { learner, learnerStream } from '../../domain/learner';
import { mayReadConcern, mayReadNotes } from '../../domain/reading';
import { concernView, viewOf } from '../../read-models/concern-view';
import { notePlace } from './concern-notes';

@Operation({
  rpc: 'GetConcern',
  http: 'GET /organisations/:organisationId/learners/:personId/concerns/:concernId',
  allow: ['operations', 'coach', 'learner', 'manager'],
  own: ['coach', 'learner'],
  summary: 'Reads a concern; who raised it learns the outcome. Notes only for the assigned coach and whoever owns it.',
})
export class GetConcern extends query(
  z.strictObject({ organisationId, personId: uuid, concernId: uuid }),
  z.strictObject({ concern: concernView, note: z.string().optional(), closingNote: z.string().optional() }),
) {}

@QueryHandler(GetConcern)
export class GetConcernHandler implements IQueryHandler<GetConcern> {
  constructor(
    private readonly store: EventStore,
    private readonly vault: Vault,
  ) {}

  async execute({ input, caller }: GetConcern): Promise<OutputOf<typeof GetConcern>> {
    const { organisationId, personId, concernId } = input;
    const reader = { id: caller.actorId, role: caller.role };
    const [raised, person] = await Promise.all([
      this.store.load(organisationId, streamOf(concerns, concernsStream(personId))),
      this.store.load(organisationId, streamOf(learner, learnerStream(personId))),
    ]);
    const concern = concernOf(raised.state, concernId);
    if (!mayReadConcern(person.state, concern, reader))
      throw new DomainError('not-found', 'concern-not-found', 'There is no such concern.');
    if (!mayReadNotes(person.state, concern.ownerId, reader)) return { concern: viewOf(concern) };
    const places = { note: notePlace(concernId, 'note'), closingNote: notePlace(concernId, 'closing-note') };
    const texts = await this.vault.read({
      organisationId,
      vault: 'content',
      subject: personId,
      below: Object.values(places),
      reader: readerOf(GetConcern, caller),
    });
    const note = texts.get(places.note);
    const closingNote = texts.get(places.closingNote);
    return {
      concern: viewOf(concern),
      ...(note !== undefined && { note }),
      ...(closingNote !== undefined && { closingNote }),
    };
  }
}
