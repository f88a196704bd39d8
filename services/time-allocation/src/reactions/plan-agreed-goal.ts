import type { GoalAgreed } from '@oppi/contracts/goal/v1/goal_events';
import type { Clock } from '@oppi/event-sourcing';
import { type EventStore, streamOf } from '@oppi/event-store';
import { backgroundContext, keyOf, type Reaction, REACTION_ACTOR, type Worker } from '@oppi/intake';
import type { InboxEvent } from '@oppi/messaging';
import { allowance, allowanceStream, planAgreedGoal } from '../domain/allowance';
import type { KnownFacts } from '../known/known-facts';

const WORKER: Worker = {
  actor: REACTION_ACTOR,
  mayRecord: ['TimePlanned', 'TimeShortfallFound', 'TimeShortfallEnded'],
};

/**
 * A goal was agreed: its minutes are planned from that day on, so that a shortfall is found (rule T12). Goals that name no
 * minutes or no learner, history, and persons who were erased need none.
 */
export const planTimeOfAgreedGoal =
  (parts: { store: EventStore; facts: KnownFacts; clock: Clock; consumer: string }): Reaction =>
  async (fact: InboxEvent) => {
    const { store, facts, clock, consumer } = parts;
    const { organisationId } = fact;
    const { goalId, neededMinutes = 0, effectiveOn } = fact.data as GoalAgreed;
    if (neededMinutes === 0) return;
    const { goal } = await facts.about({ organisationId, goalId });
    if (goal?.personId === undefined || goal.imported) return;
    const { personId, dueOn } = goal;
    const { person } = await facts.about({ organisationId, personId });
    if (person?.erased) return;
    const endedGoals = await facts.endedGoals(organisationId, personId);
    // Without a day of its own the day we learnt it counts, in UTC.
    const about = { personId, today: effectiveOn ?? fact.recordedAt.slice(0, 10), endedGoals };
    const now = clock.now().toISOString();
    const key = keyOf(consumer, fact, 'plan');
    await store.transact(
      backgroundContext({ organisationId, worker: WORKER, key, now, fact }),
      { allowance: streamOf(allowance, allowanceStream(personId)) },
      (states) => ({ allowance: planAgreedGoal(states.allowance, { goalId, dueOn }, neededMinutes, about) }),
    );
  };
