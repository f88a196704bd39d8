import { randomUUID } from 'node:crypto';
import type { TimeShortfallFound } from '@oppi/contracts/time_allocation/v1/time_allocation_events';
import type { Clock } from '@oppi/event-sourcing';
import { type EventStore, streamOf } from '@oppi/event-store';
import { backgroundContext, keyOf, type Reaction, REACTION_ACTOR, type Worker } from '@oppi/intake';
import type { InboxEvent } from '@oppi/messaging';
import { concerns, concernsStream, dueAfter, noticeConcern } from '../domain/concern';

const WORKER: Worker = {
  actor: REACTION_ACTOR,
  mayRecord: ['ConcernRaised', 'ConcernSeenAgain'],
};

/** The organisation gives a goal less time than it needs: a concern with the learner's coach (rule C10). */
export const noticeShortfall =
  (parts: { store: EventStore; clock: Clock; consumer: string; dueDays: number }): Reaction =>
  async (fact: InboxEvent) => {
    const { store, clock, consumer, dueDays } = parts;
    const { organisationId } = fact;
    const { personId, goalId } = fact.data as TimeShortfallFound;
    const raisedAt = clock.now().toISOString();
    const key = keyOf(consumer, fact, 'notice');
    const context = backgroundContext({ organisationId, worker: WORKER, key, now: raisedAt, fact });
    const dueAt = dueAfter(raisedAt, dueDays);
    const found = { concernId: randomUUID(), personId, kind: 'time-shortfall', goalId, raisedAt, dueAt } as const;
    await store.transact(context, { concerns: streamOf(concerns, concernsStream(personId)) }, (states) => ({
      concerns: noticeConcern(states.concerns, found),
    }));
  };
