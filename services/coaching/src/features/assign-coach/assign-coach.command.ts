import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { localDateOf } from '@oppi/event-sourcing';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, instant, Operation, organisationId, uuid } from '@oppi/service';
import { z } from 'zod';
import { concerns, concernsStream, handOver } from '../../domain/concern';
import { assignCoach, learner, learnerStream } from '../../domain/learner';
import { Known } from '../../facts/known';

@Operation({
  rpc: 'AssignCoach',
  http: 'PUT /organisations/:organisationId/learners/:personId/coach',
  allow: ['operations'],
  summary: 'Assigns a coach to a learner; whoever coached before is replaced on the same day, open concerns included.',
})
export class AssignCoach extends command(
  z.strictObject({ organisationId, personId: uuid, coachId: uuid, occurredAt: instant.optional() }),
) {}

@CommandHandler(AssignCoach)
export class AssignCoachHandler implements ICommandHandler<AssignCoach> {
  constructor(
    private readonly store: EventStore,
    private readonly known: Known,
  ) {}

  async execute({ input, context }: AssignCoach): Promise<Accepted> {
    const { organisationId, personId, coachId } = input;
    const timeZone = await this.known.timeZoneFor(organisationId, { personId });
    const effectiveOn = localDateOf(context.occurredAt, timeZone);
    const streams = {
      learner: streamOf(learner, learnerStream(personId)),
      concerns: streamOf(concerns, concernsStream(personId)),
    };
    return this.store.transact(context, streams, (states) => ({
      learner: assignCoach(states.learner, personId, coachId, effectiveOn),
      concerns: handOver(states.concerns, personId, coachId),
    }));
  }
}
