import { randomUUID } from 'node:crypto';
import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { localDateOf } from '@oppi/event-sourcing';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, instant, Operation, organisationId, prose, uuid } from '@oppi/service';
import { z } from 'zod';
import { SETTINGS, type Settings } from '../../coaching.config';
import { checkIn, checkInStream, DIALS, lowDials, recordCheckIn } from '../../domain/check-in';
import {
  concerns,
  concernsStream,
  type ConcernEvent,
  type Concerns,
  dueAfter,
  noticeConcern,
} from '../../domain/concern';
import { learner, learnerStream, present } from '../../domain/learner';
import { Known } from '../../facts/known';
import { requireOwnLearner } from '../../learners/own';
import { textsOf } from './check-in-texts';
import { PrivateFingerprint } from './private-fingerprint';

const dial = z.int().min(1).max(5).optional();

@Operation({
  rpc: 'RecordCheckIn',
  http: 'PUT /organisations/:organisationId/learners/:personId/check-ins/:checkInId',
  allow: ['learner', 'coach'],
  own: ['coach', 'learner'],
  summary: 'Records what a learner answered; a low dial raises a concern. A dial that was not answered is left out.',
})
export class RecordCheckIn extends command(
  z
    .strictObject({
      organisationId,
      personId: uuid,
      checkInId: uuid,
      direction: dial,
      motivation: dial,
      time: dial,
      text: prose(4_000).optional(),
      occurredAt: instant.optional(),
    })
    .refine((said) => DIALS.some((each) => said[each] !== undefined), 'needs at least one dial; skip it otherwise'),
) {}

@CommandHandler(RecordCheckIn)
export class RecordCheckInHandler implements ICommandHandler<RecordCheckIn> {
  constructor(
    private readonly store: EventStore,
    private readonly known: Known,
    private readonly fingerprint: PrivateFingerprint,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  async execute({ input, context }: RecordCheckIn): Promise<Accepted> {
    await requireOwnLearner(this.store, input, context.actor);
    const { organisationId, personId, checkInId } = input;
    const timeZone = await this.known.timeZoneFor(organisationId, { personId });
    const effectiveOn = localDateOf(context.occurredAt, timeZone);
    const streams = {
      checkIn: streamOf(checkIn, checkInStream(personId, checkInId)),
      learner: streamOf(learner, learnerStream(personId)),
      concerns: streamOf(concerns, concernsStream(personId)),
    };
    return this.store.transact(
      this.fingerprint.over(context),
      streams,
      (states) => {
        present(states.learner);
        return {
          checkIn: recordCheckIn(states.checkIn, { checkInId, personId, effectiveOn }),
          concerns: this.worries(states.concerns, input, context.now),
        };
      },
      () => textsOf(personId, checkInId, input),
    );
  }

  /** Decided here, on the answers themselves: only the kind of a concern is ever stored in the clear. */
  private worries(state: Concerns, input: RecordCheckIn['input'], raisedAt: string): ConcernEvent[] {
    const { LOW_DIAL, CONCERN_DUE_DAYS } = this.settings;
    const { personId } = input;
    const dueAt = dueAfter(raisedAt, CONCERN_DUE_DAYS);
    return lowDials(input, LOW_DIAL).flatMap((kind) =>
      noticeConcern(state, { concernId: randomUUID(), personId, kind, raisedAt, dueAt }),
    );
  }
}
