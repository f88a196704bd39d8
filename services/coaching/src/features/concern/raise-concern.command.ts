import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, Operation, organisationId, prose, uuid } from '@oppi/service';
import { z } from 'zod';
import { SETTINGS, type Settings } from '../../coaching.config';
import { CONCERN_KINDS, concerns, concernsStream, dueAfter, raiseConcern } from '../../domain/concern';
import { learner, learnerStream } from '../../domain/learner';
import { mayKnow } from '../../domain/reading';
import { Known } from '../../facts/known';
import { noteOn } from './concern-notes';

@Operation({
  rpc: 'RaiseConcern',
  http: 'PUT /organisations/:organisationId/learners/:personId/concerns/:concernId',
  allow: ['operations', 'coach', 'learner', 'manager'],
  own: ['coach', 'learner'],
  summary: "Raises a concern by hand; the learner's coach owns it. One of a kind at a time.",
})
export class RaiseConcern extends command(
  z.strictObject({
    organisationId,
    personId: uuid,
    concernId: uuid,
    kind: z.enum(CONCERN_KINDS),
    goalId: uuid.optional(),
    note: prose(4_000).optional(),
  }),
) {}

@CommandHandler(RaiseConcern)
export class RaiseConcernHandler implements ICommandHandler<RaiseConcern> {
  constructor(
    private readonly store: EventStore,
    private readonly known: Known,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  async execute({ input, context }: RaiseConcern): Promise<Accepted> {
    const { organisationId, personId, concernId, kind, goalId, note } = input;
    await this.known.timeZoneFor(organisationId, { personId, goalId });
    const { now: raisedAt, actor } = context;
    const dueAt = dueAfter(raisedAt, this.settings.CONCERN_DUE_DAYS);
    const streams = {
      concerns: streamOf(concerns, concernsStream(personId)),
      learner: streamOf(learner, learnerStream(personId)),
    };
    return this.store.transact(
      context,
      streams,
      (states) => {
        mayKnow(states.learner, personId, actor);
        const found = { concernId, personId, kind, goalId, raisedBy: actor.id, raisedAt, dueAt };
        return { concerns: raiseConcern(states.concerns, found) };
      },
      () => noteOn(personId, concernId, 'note', note),
    );
  }
}
