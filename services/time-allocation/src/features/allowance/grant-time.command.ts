import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { localDateOf } from '@oppi/event-sourcing';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, localDate, Operation, organisationId, uuid } from '@oppi/service';
import { z } from 'zod';
import { allowance, allowanceStream, grantTime } from '../../domain/allowance';
import { requirePerson, timeZoneOf } from '../../domain/known';
import { KnownFacts } from '../../known/known-facts';

@Operation({
  rpc: 'GrantTime',
  http: 'POST /organisations/:organisationId/persons/:personId/grants',
  allow: ['operations', 'sponsor', 'manager', 'integration'],
  summary: 'Gives a person minutes a week from a day on, until the next grant.',
})
export class GrantTime extends command(
  z.strictObject({
    organisationId,
    personId: uuid,
    minutesPerWeek: z.int().min(0).max(10_080),
    effectiveOn: localDate,
  }),
) {}

@CommandHandler(GrantTime)
export class GrantTimeHandler implements ICommandHandler<GrantTime> {
  constructor(
    private readonly store: EventStore,
    private readonly facts: KnownFacts,
  ) {}

  async execute({ input, context }: GrantTime): Promise<Accepted> {
    const { organisationId, personId } = input;
    const known = await this.facts.about({ organisationId, personId });
    const endedGoals = await this.facts.endedGoals(organisationId, personId);
    return this.store.transact(context, { allowance: streamOf(allowance, allowanceStream(personId)) }, (states) => {
      const today = localDateOf(context.now, timeZoneOf(known));
      requirePerson(known);
      const backdated = context.imported || context.actor.role === 'operations';
      return { allowance: grantTime(states.allowance, input, { personId, today, endedGoals }, backdated) };
    });
  }
}
