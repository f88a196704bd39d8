import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { localDateOf } from '@oppi/event-sourcing';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, Operation, organisationId, uuid } from '@oppi/service';
import { z } from 'zod';
import { allowance, allowanceStream, correctTimePlan } from '../../domain/allowance';
import { learnersGoal, timeZoneOf } from '../../domain/known';
import { KnownFacts } from '../../known/known-facts';
import { neededMinutes } from './plan-time.command';

@Operation({
  rpc: 'CorrectTimePlan',
  http: 'POST /organisations/:organisationId/goals/:goalId/time-plan/correct',
  allow: ['operations'],
  version: 'required',
  summary: 'Corrects wrongly entered minutes of a goal, the only reason to change them (rule T12).',
})
export class CorrectTimePlan extends command(z.strictObject({ organisationId, goalId: uuid, neededMinutes })) {}

@CommandHandler(CorrectTimePlan)
export class CorrectTimePlanHandler implements ICommandHandler<CorrectTimePlan> {
  constructor(
    private readonly store: EventStore,
    private readonly facts: KnownFacts,
  ) {}

  async execute({ input, context }: CorrectTimePlan): Promise<Accepted> {
    const { organisationId, goalId } = input;
    const known = await this.facts.about({ organisationId, goalId });
    const { personId } = learnersGoal(known);
    const endedGoals = await this.facts.endedGoals(organisationId, personId);
    return this.store.transact(context, { allowance: streamOf(allowance, allowanceStream(personId)) }, (states) => {
      const about = { personId, today: localDateOf(context.now, timeZoneOf(known)), endedGoals };
      return { allowance: correctTimePlan(states.allowance, goalId, input.neededMinutes, about) };
    });
  }
}
