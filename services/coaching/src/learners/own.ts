import { type EventStore, streamOf } from '@oppi/event-store';
import { learner, learnerStream } from '../domain/learner';
import { mayKnow, type Reader } from '../domain/reading';

/**
 * Refuses a learner who is not the caller's. Asked before anything else of a command, so that neither a version nor a stored
 * answer nor what was heard of tells that somebody else's learner is there.
 */
export const requireOwnLearner = async (
  store: EventStore,
  { organisationId, personId }: { organisationId: string; personId: string },
  { id, role }: Reader,
): Promise<void> => {
  if (role !== 'learner' && role !== 'coach') return;
  const { state } = await store.load(organisationId, streamOf(learner, learnerStream(personId)));
  mayKnow(state, personId, { id, role });
};
