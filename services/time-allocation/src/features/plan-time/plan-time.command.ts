import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { localDateOf } from '@oppi/event-sourcing';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, instant, Operation, organisationId, uuid } from '@oppi/service';
import { z } from 'zod';
import { allowance, allowanceStream, planTime } from '../../domain/allowance';
import { learnersGoal, requirePerson, timeZoneOf } from '../../domain/known';
import { KnownFacts } from '../../known/known-facts';

/** A goal of ten years at full working time stays below. */
export const neededMinutes = z.int().min(1).max(1_500_000);

@Operation({
  rpc: 'PlanTime',
  http: 'PUT /organisations/:organisationId/goals/:goalId/time-plan',
  allow: ['operations', 'sponsor', 'manager', 'integration'],
  summary: 'Fixes the minutes that a goal needs (rule T12); a shortfall against the minutes given is published.',
})
export class PlanTime extends command(
  z.strictObject({ organisationId, goalId: uuid, neededMinutes, occurredAt: instant.optional() }),
) {}

@CommandHandler(PlanTime)
export class PlanTimeHandler implements ICommandHandler<PlanTime> {
  constructor(
    private readonly store: EventStore,
    private readonly facts: KnownFacts,
  ) {}

  async execute({ input, context }: PlanTime): Promise<Accepted> {
    const { organisationId, goalId } = input;
    const { personId, dueOn } = learnersGoal(await this.facts.about({ organisationId, goalId }));
    const known = await this.facts.about({ organisationId, personId });
    const endedGoals = await this.facts.endedGoals(organisationId, personId);
    return this.store.transact(context, { allowance: streamOf(allowance, allowanceStream(personId)) }, (states) => {
      const about = { personId, today: localDateOf(context.occurredAt, timeZoneOf(known)), endedGoals };
      requirePerson(known);
      return { allowance: planTime(states.allowance, { goalId, dueOn }, input.neededMinutes, about) };
    });
  }
}
