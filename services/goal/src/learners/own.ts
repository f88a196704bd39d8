import { type Actor, DomainError } from '@oppi/event-sourcing';
import { type EventStore, streamOf } from '@oppi/event-store';
import { coachesNow } from '../domain/coaches';
import { goal, goalStream } from '../domain/goal';
import { person, personStream } from '../domain/person';

type Asker = Pick<Actor, 'id' | 'role'>;

/**
 * Whether what is about a person is for this caller: a learner has only what is about himself or herself, a coach what is
 * about learners in the own care now, and what is about no one person. Of everybody else's nothing is there for them.
 */
export const isOwn = async (
  store: EventStore,
  { organisationId, personId }: { organisationId: string; personId?: string | undefined },
  { id, role }: Asker,
): Promise<boolean> => {
  if (role === 'learner') return personId === id;
  if (role !== 'coach' || personId === undefined) return true;
  const { state } = await store.load(organisationId, streamOf(person, personStream(personId)));
  return coachesNow(state, id);
};

/**
 * Refuses a goal that is not the caller's. Asked before anything else of a command, so that neither a version nor a stored
 * answer tells that the goal of another is there.
 */
export const requireOwnGoal = async (
  store: EventStore,
  { organisationId, goalId }: { organisationId: string; goalId: string },
  asker: Asker,
): Promise<void> => {
  if (asker.role !== 'learner' && asker.role !== 'coach') return;
  const { state } = await store.load(organisationId, streamOf(goal, goalStream(goalId)));
  if (state.status === 'unset' || !(await isOwn(store, { organisationId, personId: state.terms.personId }, asker)))
    throw new DomainError('not-found', 'goal-not-found', 'There is no such goal.');
};
