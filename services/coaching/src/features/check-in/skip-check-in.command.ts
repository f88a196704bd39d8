import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { localDateOf } from '@oppi/event-sourcing';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, instant, Operation, organisationId, uuid } from '@oppi/service';
import { z } from 'zod';
import { checkIn, checkInStream, skipCheckIn } from '../../domain/check-in';
import { learner, learnerStream, present } from '../../domain/learner';
import { Known } from '../../facts/known';
import { requireOwnLearner } from '../../learners/own';

@Operation({
  rpc: 'SkipCheckIn',
  http: 'POST /organisations/:organisationId/learners/:personId/check-ins/:checkInId/skip',
  allow: ['learner', 'coach', 'operations'],
  own: ['coach', 'learner'],
  summary: 'Records that a check-in was asked for and not answered. It may be answered later.',
})
export class SkipCheckIn extends command(
  z.strictObject({ organisationId, personId: uuid, checkInId: uuid, occurredAt: instant.optional() }),
) {}

@CommandHandler(SkipCheckIn)
export class SkipCheckInHandler implements ICommandHandler<SkipCheckIn> {
  constructor(
    private readonly store: EventStore,
    private readonly known: Known,
  ) {}

  async execute({ input, context }: SkipCheckIn): Promise<Accepted> {
    await requireOwnLearner(this.store, input, context.actor);
    const { organisationId, personId, checkInId } = input;
    const timeZone = await this.known.timeZoneFor(organisationId, { personId });
    const effectiveOn = localDateOf(context.occurredAt, timeZone);
    const streams = {
      checkIn: streamOf(checkIn, checkInStream(personId, checkInId)),
      learner: streamOf(learner, learnerStream(personId)),
    };
    return this.store.transact(context, streams, (states) => {
      present(states.learner);
      return { checkIn: skipCheckIn(states.checkIn, { checkInId, personId, effectiveOn }) };
    });
  }
}
