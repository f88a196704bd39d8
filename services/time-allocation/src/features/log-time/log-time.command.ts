import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { localDateOf } from '@oppi/event-sourcing';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, localDate, Operation, organisationId, uuid } from '@oppi/service';
import { z } from 'zod';
import { requireGoalFor, requirePerson, timeZoneOf } from '../../domain/known';
import { logTime, monthOf, MOST_A_DAY, timeLog, timeLogStream } from '../../domain/time-log';
import { KnownFacts } from '../../known/known-facts';

@Operation({
  rpc: 'LogTime',
  http: 'PUT /organisations/:organisationId/persons/:personId/time/:on/:entryId',
  allow: ['operations', 'coach', 'manager', 'learner', 'integration'],
  own: ['coach', 'learner'],
  summary: 'Logs the minutes that a person spent on a goal on one day; pending until confirmed.',
})
export class LogTime extends command(
  z.strictObject({
    organisationId,
    personId: uuid,
    on: localDate,
    entryId: uuid,
    goalId: uuid,
    minutes: z.int().min(1).max(MOST_A_DAY),
  }),
) {}

@CommandHandler(LogTime)
export class LogTimeHandler implements ICommandHandler<LogTime> {
  constructor(
    private readonly store: EventStore,
    private readonly facts: KnownFacts,
  ) {}

  async execute({ input, context }: LogTime): Promise<Accepted> {
    const { organisationId, personId, goalId, on } = input;
    await this.facts.requireOwn(context.actor, input);
    const known = await this.facts.about({ organisationId, personId, goalId });
    const stream = streamOf(timeLog, timeLogStream(personId, monthOf(on)));
    return this.store.transact(context, { log: stream }, (states) => {
      const today = localDateOf(context.now, timeZoneOf(known));
      requirePerson(known);
      requireGoalFor(known, personId);
      return { log: logTime(states.log, input, today) };
    });
  }
}
