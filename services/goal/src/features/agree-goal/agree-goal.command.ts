import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, instant, Operation, organisationId, uuid } from '@oppi/service';
import { z } from 'zod';
import { effectiveOn } from '../../domain/dating';
import type { FeasibilityAnswer, NoAnswer } from '../../domain/feasibility';
import { goal, goalStream, set } from '../../domain/goal';
import { agreeGoal, feasibilityToAsk } from '../../domain/goal-agreement';
import type { Party } from '../../domain/goal.events';
import { LearningTime } from './learning-time';

@Operation({
  rpc: 'AgreeGoal',
  http: 'POST /organisations/:organisationId/goals/:goalId/agree',
  allow: ['operations', 'sponsor', 'manager'],
  summary: "Gives one party's agreement; with provider and client, two different actors, the goal is agreed.",
})
export class AgreeGoal extends command(
  z.strictObject({
    organisationId,
    goalId: uuid,
    occurredAt: instant.optional(),
    dateUnknown: z.boolean().default(false),
  }),
) {}

@CommandHandler(AgreeGoal)
export class AgreeGoalHandler implements ICommandHandler<AgreeGoal> {
  constructor(
    private readonly store: EventStore,
    private readonly time: LearningTime,
  ) {}

  async execute(command: AgreeGoal): Promise<Accepted> {
    const { input, context } = command;
    const party = context.actor.role === 'operations' ? 'provider' : 'client';
    const answer = await this.askBefore(party, command);
    return this.store.transact(context, { goal: streamOf(goal, goalStream(input.goalId)) }, (states) => {
      const { timeZone } = set(states.goal).terms;
      const on = effectiveOn(context, timeZone, input.dateUnknown);
      return { goal: agreeGoal(states.goal, { party, actorId: context.actor.id, effectiveOn: on }, answer) };
    });
  }

  /**
   * What time-allocation says before the decision. History is not asked about. A call that is repeated finds the goal
   * agreed and asks nobody; the stored answer holds.
   */
  private async askBefore(party: Party, { input, context }: AgreeGoal): Promise<FeasibilityAnswer | NoAnswer> {
    if (context.imported) return { status: 'not-asked' };
    const { organisationId, goalId } = input;
    const { state } = await this.store.load(organisationId, streamOf(goal, goalStream(goalId)));
    const toAsk = feasibilityToAsk(state, party);
    return toAsk ? this.time.feasibilityOf({ organisationId, goalId, ...toAsk }) : { status: 'not-asked' };
  }
}
