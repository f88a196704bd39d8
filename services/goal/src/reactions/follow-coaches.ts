import type { CoachAssigned, CoachUnassigned } from '@oppi/contracts/coaching/v1/coaching_events';
import type { Clock } from '@oppi/event-sourcing';
import { type EventStore, streamOf } from '@oppi/event-store';
import { backgroundContext, keyOf, type Reaction, REACTION_ACTOR, type Worker } from '@oppi/intake';
import type { InboxEvent } from '@oppi/messaging';
import { coachAssigned, coachUnassigned } from '../domain/coaches';
import { person, type Person, type PersonEvent, personStream } from '../domain/person';

type Parts = Readonly<{ store: EventStore; clock: Clock; consumer: string }>;
type Assignment = CoachAssigned | CoachUnassigned;

const WORKER: Worker = {
  actor: REACTION_ACTOR,
  mayRecord: ['LearnersCoachAssigned', 'LearnersCoachUnassigned'],
};

const reaction =
  ({ store, clock, consumer }: Parts, decide: (state: Person, fact: Assignment) => PersonEvent[]): Reaction =>
  async (fact: InboxEvent) => {
    const assignment = fact.data as Assignment;
    const { organisationId } = fact;
    const key = keyOf(consumer, fact, 'follow');
    const now = clock.now().toISOString();
    const context = backgroundContext({ organisationId, worker: WORKER, key, now, fact });
    await store.transact(context, { person: streamOf(person, personStream(assignment.personId)) }, (states) => ({
      person: decide(states.person, assignment),
    }));
  };

/** Who coaches whom, as facts on the learners' own streams: what a verifier's independence is decided on (rule E4). */
export const followCoaches = (parts: Parts): Readonly<Record<string, Reaction>> => ({
  'coaching.v1.CoachAssigned': reaction(parts, coachAssigned),
  'coaching.v1.CoachUnassigned': reaction(parts, coachUnassigned),
});
