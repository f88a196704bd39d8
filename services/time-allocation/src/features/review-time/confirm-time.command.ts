import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, localDate, Operation, organisationId, uuid } from '@oppi/service';
import { z } from 'zod';
import { confirmTime, monthOf, timeLog, timeLogStream } from '../../domain/time-log';
import { KnownFacts } from '../../known/known-facts';

@Operation({
  rpc: 'ConfirmTime',
  http: 'POST /organisations/:organisationId/persons/:personId/time/:on/:entryId/confirm',
  allow: ['operations', 'coach', 'manager'],
  own: ['coach'],
  summary: 'Confirms an entry.',
})
export class ConfirmTime extends command(
  z.strictObject({ organisationId, personId: uuid, on: localDate, entryId: uuid }),
) {}

@CommandHandler(ConfirmTime)
export class ConfirmTimeHandler implements ICommandHandler<ConfirmTime> {
  constructor(
    private readonly store: EventStore,
    private readonly facts: KnownFacts,
  ) {}

  async execute({ input, context }: ConfirmTime): Promise<Accepted> {
    await this.facts.requireOwn(context.actor, input);
    const stream = streamOf(timeLog, timeLogStream(input.personId, monthOf(input.on)));
    return this.store.transact(context, { log: stream }, (states) => ({
      log: confirmTime(states.log, input, context.actor.id),
    }));
  }
}
