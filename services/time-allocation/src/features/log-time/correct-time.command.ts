import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, localDate, Operation, organisationId, uuid } from '@oppi/service';
import { z } from 'zod';
import { correctTime, monthOf, MOST_A_DAY, timeLog, timeLogStream } from '../../domain/time-log';
import { KnownFacts } from '../../known/known-facts';

@Operation({
  rpc: 'CorrectTime',
  http: 'POST /organisations/:organisationId/persons/:personId/time/:on/:entryId/correct',
  allow: ['operations', 'coach', 'manager', 'learner', 'integration'],
  own: ['coach', 'learner'],
  version: 'required',
  summary: 'Corrects the minutes of an entry, which is pending again (rule T8).',
})
export class CorrectTime extends command(
  z.strictObject({
    organisationId,
    personId: uuid,
    on: localDate,
    entryId: uuid,
    minutes: z.int().min(1).max(MOST_A_DAY),
  }),
) {}

@CommandHandler(CorrectTime)
export class CorrectTimeHandler implements ICommandHandler<CorrectTime> {
  constructor(
    private readonly store: EventStore,
    private readonly facts: KnownFacts,
  ) {}

  async execute({ input, context }: CorrectTime): Promise<Accepted> {
    const { personId, on, minutes } = input;
    await this.facts.requireOwn(context.actor, input);
    const stream = streamOf(timeLog, timeLogStream(personId, monthOf(on)));
    return this.store.transact(context, { log: stream }, (states) => ({
      log: correctTime(states.log, input, minutes),
    }));
  }
}
