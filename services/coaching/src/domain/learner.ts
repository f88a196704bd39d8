import { type Decider, DomainError, type Event } from '@oppi/event-sourcing';

/** `assignmentNo` counts this learner's assignments from 1. */
type Assigned = { personId: string; coachId: string; assignmentNo: number; effectiveOn: string };
export type CoachAssigned = Event<'CoachAssigned', Assigned>;
/** `effectiveOn` is the first day without that coach. */
export type CoachUnassigned = Event<'CoachUnassigned', Assigned>;
export type LearnerErasureRequested = Event<'LearnerErasureRequested', { personId: string }>;
export type LearnerErased = Event<'LearnerErased', { personId: string }>;
export type LearnerEvent = CoachAssigned | CoachUnassigned | LearnerErasureRequested | LearnerErased;

/** Half-open: `untilOn` is the first day out. */
export type Assignment = Readonly<{ no: number; coachId: string; fromOn: string; untilOn?: string }>;
export type Learner = Readonly<{ status: 'known' | 'being-erased' | 'erased'; assignments: readonly Assignment[] }>;

export const learner: Decider<Learner, LearnerEvent> = {
  initial: { status: 'known', assignments: [] },
  evolve: (state, event) => {
    switch (event.type) {
      case 'CoachAssigned': {
        const { assignmentNo, coachId, effectiveOn } = event.data;
        return { ...state, assignments: [...state.assignments, { no: assignmentNo, coachId, fromOn: effectiveOn }] };
      }
      case 'CoachUnassigned': {
        const { assignmentNo, effectiveOn } = event.data;
        const end = (each: Assignment): Assignment =>
          each.no === assignmentNo ? { ...each, untilOn: effectiveOn } : each;
        return { ...state, assignments: state.assignments.map(end) };
      }
      case 'LearnerErasureRequested':
        return { ...state, status: 'being-erased' };
      case 'LearnerErased':
        return { ...state, status: 'erased' };
    }
  },
};

export const learnerStream = (personId: string): string => `learner-${personId}`;

/** The coach of now. */
export const coachOf = ({ assignments }: Learner): string | undefined => current(assignments)?.coachId;

/** Who coached before is replaced on that day: one assignment ends, the other starts (rule C3). */
export const assignCoach = (state: Learner, personId: string, coachId: string, effectiveOn: string): LearnerEvent[] => {
  present(state);
  if (coachId === personId) throw new DomainError('refused', 'coach-is-learner', 'Nobody coaches herself or himself.');
  if (coachOf(state) === coachId)
    throw new DomainError('conflict', 'coach-already-assigned', 'This coach is assigned already.');
  const last = state.assignments.at(-1);
  if (last?.untilOn !== undefined && effectiveOn < last.untilOn)
    throw new DomainError('refused', 'assignment-overlaps', 'The earlier assignment had not ended by then.');
  const assignmentNo = state.assignments.length + 1;
  return [
    ...end(state, personId, effectiveOn),
    { type: 'CoachAssigned', data: { personId, coachId, assignmentNo, effectiveOn } },
  ];
};

export const unassignCoach = (state: Learner, personId: string, effectiveOn: string): LearnerEvent[] => {
  present(state);
  const ended = end(state, personId, effectiveOn);
  if (ended.length === 0) throw new DomainError('refused', 'coach-not-assigned', 'Nobody coaches this learner.');
  return ended;
};

/** First of two steps: coaching ends and nothing new is taken; the keys are destroyed between the two (rule I7). */
export const requestErasure = (state: Learner, personId: string, on: string): LearnerEvent[] => {
  if (state.status !== 'known') return [];
  const began = current(state.assignments)?.fromOn ?? on;
  return [...end(state, personId, on < began ? began : on), { type: 'LearnerErasureRequested', data: { personId } }];
};

/** Second step, only once the keys are gone. */
export const confirmErasure = (state: Learner, personId: string): LearnerEvent[] =>
  state.status === 'being-erased' ? [{ type: 'LearnerErased', data: { personId } }] : [];

/** Nothing new is recorded about a learner who was erased. */
export const present = ({ status }: Learner): void => {
  if (status !== 'known')
    throw new DomainError('refused', 'person-erased', 'This person was erased; nothing new can be recorded.');
};

const current = (assignments: readonly Assignment[]): Assignment | undefined => {
  const last = assignments.at(-1);
  return last?.untilOn === undefined ? last : undefined;
};

const end = ({ assignments }: Learner, personId: string, effectiveOn: string): LearnerEvent[] => {
  const running = current(assignments);
  if (!running) return [];
  if (effectiveOn < running.fromOn)
    throw new DomainError('refused', 'assignment-ends-before-it-began', 'The assignment began later than that.');
  const { no: assignmentNo, coachId } = running;
  return [{ type: 'CoachUnassigned', data: { personId, coachId, assignmentNo, effectiveOn } }];
};
