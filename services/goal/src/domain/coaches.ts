import type { Person, PersonEvent } from './person';

type Assignment = Readonly<{ personId: string; coachId: string; assignmentNo: number; effectiveOn: string }>;

/** A coach was assigned to the learner. Whom goal does not know, or whom it forgot, it does not follow. */
export const coachAssigned = (
  state: Person,
  { personId, coachId, assignmentNo, effectiveOn }: Assignment,
): PersonEvent[] => {
  if (state.status !== 'known' || state.coaches.some(({ no }) => no === assignmentNo)) return [];
  return [{ type: 'LearnersCoachAssigned', data: { personId, coachId, assignmentNo, effectiveOn } }];
};

export const coachUnassigned = (
  state: Person,
  { personId, coachId, assignmentNo, effectiveOn }: Assignment,
): PersonEvent[] => {
  const current = state.status === 'unset' ? undefined : state.coaches.find(({ no }) => no === assignmentNo);
  if (!current || current.untilOn !== undefined) return [];
  return [{ type: 'LearnersCoachUnassigned', data: { personId, coachId, assignmentNo, effectiveOn } }];
};

/** Whether somebody coaches the learner now, or did on a local date. */
export const coaches = (state: Person, actorId: string, on: string): boolean =>
  state.status !== 'unset' &&
  state.coaches.some(
    ({ coachId, fromOn, untilOn }) => coachId === actorId && (untilOn === undefined || (fromOn <= on && on < untilOn)),
  );

/** Whether somebody coaches the learner now. */
export const coachesNow = (state: Person, actorId: string): boolean =>
  state.status !== 'unset' &&
  state.coaches.some(({ coachId, untilOn }) => coachId === actorId && untilOn === undefined);
