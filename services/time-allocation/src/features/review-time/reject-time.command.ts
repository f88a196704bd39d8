import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, code, command, localDate, Operation, organisationId, uuid } from '@oppi/service';
import { z } from 'zod';
import { monthOf, rejectTime, timeLog, timeLogStream } from '../../domain/time-log';
import { KnownFacts } from '../../known/known-facts';

@Operation({
  rpc: 'RejectTime',
  http: 'POST /organisations/:organisationId/persons/:personId/time/:on/:entryId/reject',
  allow: ['operations', 'coach', 'manager'],
  own: ['coach'],
  summary: 'Rejects an entry, with a reason (rule T8); its minutes do not count.',
})
export class RejectTime extends command(
  z.strictObject({ organisationId, personId: uuid, on: localDate, entryId: uuid, reasonCode: code }),
) {}

@CommandHandler(RejectTime)
export class RejectTimeHandler implements ICommandHandler<RejectTime> {
  constructor(
    private readonly store: EventStore,
    private readonly facts: KnownFacts,
  ) {}

  async execute({ input, context }: RejectTime): Promise<Accepted> {
    await this.facts.requireOwn(context.actor, input);
    const stream = streamOf(timeLog, timeLogStream(input.personId, monthOf(input.on)));
    return this.store.transact(context, { log: stream }, (states) => ({
      log: rejectTime(states.log, input, input.reasonCode),
    }));
  }
}
