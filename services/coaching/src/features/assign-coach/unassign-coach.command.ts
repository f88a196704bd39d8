import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { localDateOf } from '@oppi/event-sourcing';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, instant, Operation, organisationId, uuid } from '@oppi/service';
import { z } from 'zod';
import { concerns, concernsStream, handOver } from '../../domain/concern';
import { learner, learnerStream, unassignCoach } from '../../domain/learner';
import { Known } from '../../facts/known';

@Operation({
  rpc: 'UnassignCoach',
  http: 'POST /organisations/:organisationId/learners/:personId/coach/end',
  allow: ['operations'],
  summary: "Ends a learner's coaching. Open concerns of that coach are then unowned, which the worklist shows.",
})
export class UnassignCoach extends command(
  z.strictObject({ organisationId, personId: uuid, occurredAt: instant.optional() }),
) {}

@CommandHandler(UnassignCoach)
export class UnassignCoachHandler implements ICommandHandler<UnassignCoach> {
  constructor(
    private readonly store: EventStore,
    private readonly known: Known,
  ) {}

  async execute({ input, context }: UnassignCoach): Promise<Accepted> {
    const { organisationId, personId } = input;
    const timeZone = await this.known.timeZoneFor(organisationId, { personId });
    const effectiveOn = localDateOf(context.occurredAt, timeZone);
    const streams = {
      learner: streamOf(learner, learnerStream(personId)),
      concerns: streamOf(concerns, concernsStream(personId)),
    };
    return this.store.transact(context, streams, (states) => ({
      learner: unassignCoach(states.learner, personId, effectiveOn),
      concerns: handOver(states.concerns, personId, undefined),
    }));
  }
}
