import type { Actor } from '@oppi/event-sourcing';
import { type EventStore, type StreamOf, streamOf } from '@oppi/event-store';
import { type Goal, goal, goalStream } from '../domain/goal';
import type { Verifier } from '../domain/goal-evidence';
import type { GoalEvent } from '../domain/goal.events';
import { person, type Person, type PersonEvent, personStream } from '../domain/person';

type Judged = Readonly<{ goal: StreamOf<Goal, GoalEvent>; learner?: StreamOf<Person, PersonEvent> }>;

/**
 * What a verifier's judgement is decided on: the goal, and its learner, whose coach may not judge (rule E4). The goal is
 * read first to know the learner, who never changes.
 */
export const judgedStreams = async (
  store: EventStore,
  { organisationId, goalId }: { organisationId: string; goalId: string },
): Promise<Judged> => {
  const own = streamOf(goal, goalStream(goalId));
  const { state } = await store.load(organisationId, own);
  const personId = state.status === 'unset' ? undefined : state.terms.personId;
  return { goal: own, ...(personId && { learner: streamOf(person, personStream(personId)) }) };
};

/** Who judges, with what the learner's stream tells of coaches. */
export const verifierOf = ({ id }: Actor, learner: Person | undefined): Verifier => ({ actorId: id, learner });
