import type { PersonErased } from '@oppi/contracts/goal/v1/goal_events';
import { localDateOf, type Clock } from '@oppi/event-sourcing';
import { type EventStore, streamOf, type Vault } from '@oppi/event-store';
import { backgroundContext, keyOf, type Reaction, REACTION_ACTOR, type Worker } from '@oppi/intake';
import type { InboxEvent } from '@oppi/messaging';
import { concerns, concernsStream, sealConcerns } from '../domain/concern';
import { confirmErasure, learner, learnerStream, requestErasure } from '../domain/learner';

const WORKER: Worker = {
  actor: REACTION_ACTOR,
  mayRecord: ['CoachUnassigned', 'LearnerErasureRequested', 'LearnerErased', 'ConcernClosed', 'ConcernsSealed'],
};

/** Goal erased a person: coaching ends, and what was said is destroyed: request, destroy, confirm, in this order (rule I7). */
export const eraseLearner =
  (parts: { store: EventStore; vault: Pick<Vault, 'erase'>; clock: Clock; consumer: string }): Reaction =>
  async (fact: InboxEvent) => {
    const { store, vault, clock, consumer } = parts;
    const { organisationId } = fact;
    const { personId } = fact.data as PersonErased;
    const now = clock.now().toISOString();
    const about = (step: string) =>
      backgroundContext({ organisationId, worker: WORKER, key: keyOf(consumer, fact, step), now, fact });
    const own = { learner: streamOf(learner, learnerStream(personId)) };
    const both = { ...own, concerns: streamOf(concerns, concernsStream(personId)) };
    await store.transact(about('request'), both, (states) => ({
      learner: requestErasure(states.learner, personId, localDateOf(fact.occurredAt, 'UTC')),
      concerns: sealConcerns(states.concerns, personId, now),
    }));
    await vault.erase(organisationId, personId);
    await store.transact(about('confirm'), own, (states) => ({
      learner: confirmErasure(states.learner, personId),
    }));
  };
