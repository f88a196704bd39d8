import { type Decider, DomainError } from '@oppi/event-sourcing';
import type { Feasibility } from './feasibility';
import type { Activity, GoalEvent, GoalTerms, Party } from './goal.events';

export type EvidenceStatus = 'submitted' | 'referred' | 'accepted' | 'rejected' | 'voided';
export type Evidence = Readonly<{
  evidenceId: string;
  kind: string;
  status: EvidenceStatus;
  sourceId?: string;
  contentHash?: string;
  submittedBy: string;
  verifiedBy?: string;
  occurredAt: string;
  recordedAt: string;
  /** Local date of `occurredAt`. */
  effectiveOn: string;
  /** The criteria it meets; empty unless accepted. */
  criterionIds: readonly string[];
}>;

export type GoalStatus = 'proposed' | 'agreed' | 'overdue' | 'attained' | 'missed' | 'withdrawn';
export type SetGoal = Readonly<{
  status: GoalStatus;
  terms: GoalTerms;
  agreements: Readonly<Partial<Record<Party, { actorId: string; effectiveOn?: string }>>>;
  agreedOn?: string;
  feasibility?: Feasibility;
  activities: readonly (Activity & Readonly<{ doneOn?: string }>)[];
  evidence: readonly Evidence[];
  progressReports: number;
  /** The agreed commitment that counts it. */
  commitmentId?: string;
  /** Outcomes so far; the last one holds while the status is an outcome. */
  outcomeNo: number;
  /** Local date from which the current outcome holds. */
  outcomeOn?: string;
}>;
export type Goal = { status: 'unset' } | SetGoal;

export const goalStream = (goalId: string): string => `goal-${goalId}`;

export const goal: Decider<Goal, GoalEvent> = {
  initial: { status: 'unset' },
  evolve: (state, event) => {
    if (event.type === 'GoalProposed')
      return {
        status: 'proposed',
        terms: event.data,
        agreements: {},
        activities: event.data.activities ?? [],
        evidence: [],
        progressReports: 0,
        outcomeNo: 0,
      };
    // Only a proposal begins a stream, so from here on the goal is set.
    return state.status === 'unset' ? state : evolveSet(state, event);
  },
};

type LaterEvent = Exclude<GoalEvent, { type: 'GoalProposed' }>;
type EvidenceEvent = Extract<LaterEvent, { type: `Evidence${string}` }>;

const evolveSet = (state: SetGoal, event: LaterEvent): SetGoal => {
  switch (event.type) {
    case 'GoalAgreementGiven': {
      const { party, actorId, effectiveOn } = event.data;
      return {
        ...state,
        agreements: { ...state.agreements, [party]: { actorId, ...(effectiveOn && { effectiveOn }) } },
      };
    }
    case 'GoalAgreed':
      return agreed(state, event.data);
    case 'GoalPromised':
      return { ...state, commitmentId: event.data.commitmentId };
    case 'ActivityDone':
      return { ...state, activities: withDone(state.activities, event.data) };
    case 'ProgressReported':
      return { ...state, progressReports: state.progressReports + 1 };
    case 'GoalAttained':
      return withOutcome(state, 'attained', event.data);
    case 'GoalWithdrawn':
      return withOutcome(state, 'withdrawn', event.data);
    case 'GoalFellOverdue':
      return withOutcome(state, 'overdue', event.data);
    case 'GoalMissed':
      return withOutcome(state, 'missed', event.data);
    case 'AttainmentRevoked': {
      const { outcomeOn: _fallen, ...rest } = state;
      return { ...rest, status: 'agreed' };
    }
    case 'EvidenceSubmitted':
    case 'EvidenceAccepted':
    case 'EvidenceReferred':
    case 'EvidenceRejected':
    case 'EvidenceVoided':
      return { ...state, evidence: evolveEvidence(state.evidence, event) };
  }
};

const agreed = (
  state: SetGoal,
  { effectiveOn, feasibility }: { effectiveOn?: string; feasibility?: Feasibility },
): SetGoal => ({
  ...state,
  status: 'agreed',
  ...(effectiveOn && { agreedOn: effectiveOn }),
  ...(feasibility && { feasibility }),
});

const withDone = (
  activities: SetGoal['activities'],
  { activityId, effectiveOn }: { activityId: string; effectiveOn: string },
): SetGoal['activities'] =>
  activities.map((each) => (each.activityId === activityId ? { ...each, doneOn: effectiveOn } : each));

const withOutcome = (
  state: SetGoal,
  status: GoalStatus,
  { outcomeNo, effectiveOn }: { outcomeNo: number; effectiveOn: string },
): SetGoal => ({ ...state, status, outcomeNo, outcomeOn: effectiveOn });

const evolveEvidence = (evidence: readonly Evidence[], event: EvidenceEvent): readonly Evidence[] => {
  if (event.type === 'EvidenceSubmitted') {
    const { goalId: _goalId, ...item } = event.data;
    return [...evidence, { ...item, status: 'submitted', criterionIds: [] }];
  }
  const { evidenceId } = event.data;
  return evidence.map((item) => (item.evidenceId === evidenceId ? { ...item, ...judged(event) } : item));
};

const judged = (event: Exclude<EvidenceEvent, { type: 'EvidenceSubmitted' }>): Partial<Evidence> => {
  switch (event.type) {
    case 'EvidenceAccepted': {
      const { verifiedBy, criterionIds } = event.data;
      return { status: 'accepted', verifiedBy, criterionIds };
    }
    case 'EvidenceReferred':
      return { status: 'referred', verifiedBy: event.data.verifiedBy };
    case 'EvidenceRejected':
      return { status: 'rejected', verifiedBy: event.data.verifiedBy };
    case 'EvidenceVoided':
      return { status: 'voided', criterionIds: [] };
  }
};

/** The goal, which must be there. */
export const set = (state: Goal): SetGoal => {
  if (state.status === 'unset') throw new DomainError('not-found', 'goal-not-found', 'There is no such goal.');
  return state;
};

/** The goal, which must be agreed and not ended: overdue goals are still open until the grace is over (rule G21). */
export const open = (state: Goal): SetGoal => {
  const present = set(state);
  if (present.status === 'proposed')
    throw new DomainError('refused', 'goal-not-agreed', 'This goal is not agreed yet by both parties.');
  if (present.status !== 'agreed' && present.status !== 'overdue')
    throw new DomainError('refused', 'goal-ended', `This goal is ${present.status}; it takes nothing new.`);
  return present;
};

/** One piece of evidence, which must be there. */
export const evidenceOf = (state: SetGoal, evidenceId: string): Evidence => {
  const found = state.evidence.find((item) => item.evidenceId === evidenceId);
  if (!found) throw new DomainError('not-found', 'evidence-not-found', 'This goal has no such evidence.');
  return found;
};

/** Refuses to rest anything on evidence that no verifier accepted. */
export const requireAccepted = (state: SetGoal, evidenceId: string): void => {
  if (!state.evidence.some((item) => item.evidenceId === evidenceId && item.status === 'accepted'))
    throw new DomainError('refused', 'evidence-not-accepted', 'This needs evidence that a verifier has accepted.');
};
