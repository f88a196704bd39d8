import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, Operation, organisationId, prose, uuid } from '@oppi/service';
import { z } from 'zod';
import { SETTINGS, type Settings } from '../../coaching.config';
import { CONCERN_KINDS, concerns, concernsStream, dueAfter, raiseConcern } from '../../domain/concern';
import { Known } from '../../facts/known';
import { requireOwnLearner } from '../../learners/own';
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
    await requireOwnLearner(this.store, input, context.actor);
    const { organisationId, personId, concernId, kind, goalId, note } = input;
    await this.known.timeZoneFor(organisationId, { personId, goalId });
    const { now: raisedAt, actor } = context;
    const dueAt = dueAfter(raisedAt, this.settings.CONCERN_DUE_DAYS);
    const found = { concernId, personId, kind, goalId, raisedBy: actor.id, raisedAt, dueAt };
    return this.store.transact(
      context,
      { concerns: streamOf(concerns, concernsStream(personId)) },
      (states) => ({ concerns: raiseConcern(states.concerns, found) }),
      () => noteOn(personId, concernId, 'note', note),
    );
  }
}
