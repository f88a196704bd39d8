import { DomainError } from '@oppi/event-sourcing';
import type { Concern } from './concern';
import { coachOf, type Learner } from './learner';

/** What these rules need to know of who asks. */
export type Reader = Readonly<{ id: string; role: string }>;

const nobody = (): DomainError => new DomainError('not-found', 'learner-not-found', 'There is no such learner.');

/** A learner is her or his own business and the assigned coach's; to every other learner and coach nobody is there. */
export const mayKnow = (learner: Learner, personId: string, { id, role }: Reader): void => {
  if (role === 'learner' && id !== personId) throw nobody();
  if (role === 'coach' && id !== coachOf(learner)) throw nobody();
};

/** Notes on a concern: the provider's people who look after it; never who raised it (rules C9, C11). */
export const mayReadNotes = (learner: Learner, ownerId: string | undefined, { id, role }: Reader): boolean =>
  (role === 'coach' || role === 'operations') && (id === ownerId || id === coachOf(learner));

/** The learner, operations, the coach, the owner, and whoever raised it, who learns how it ended (rule C9). */
export const mayReadConcern = (learner: Learner, concern: Concern, { id, role }: Reader): boolean => {
  if (role === 'operations' || id === concern.raisedBy) return true;
  if (role === 'learner') return id === concern.personId;
  return role === 'coach' && (id === concern.ownerId || id === coachOf(learner));
};
