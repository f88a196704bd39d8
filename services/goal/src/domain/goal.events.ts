import type { Event } from '@oppi/event-sourcing';
import type { Feasibility } from './feasibility';

/** A test on evidence; every one must be met. */
export type Criterion = Readonly<{ criterionId: string; evidenceKind?: string | undefined }>;
/** A step on the way: informs, never attains. The weight is in hundredths of a percent. */
export type Milestone = Readonly<{
  milestoneId: string;
  dueOn?: string | undefined;
  weightBasisPoints?: number | undefined;
}>;

/** Something to do for a goal. Where it is to be found (its link) lies in the content vault. */
export type Activity = Readonly<{ activityId: string; kind: string; estimatedMinutes: number }>;

/**
 * What is agreed. `dueOn` ends at 24:00 in `timeZone` (rule G22). `imported`: history with dates of its own, which the
 * clock leaves alone. The statement itself lies in the content vault.
 */
export type GoalTerms = Readonly<{
  goalId: string;
  personId?: string | undefined;
  teamId?: string | undefined;
  /** The competence gap that it closes. */
  gapId?: string | undefined;
  dueOn: string;
  timeZone: string;
  graceDays: number;
  criteria: readonly Criterion[];
  milestones: readonly Milestone[];
  /** Absent where there are none. */
  activities?: readonly Activity[] | undefined;
  imported: boolean;
}>;

export type Party = 'provider' | 'client';
/** Who decided that a goal was missed. */
export type DecidedBy = 'verifier' | 'clock';

type On<T> = T & { goalId: string };

// `effectiveOn` is the local date from which a fact holds; where it may be absent, nobody knows it.
export type GoalProposed = Event<'GoalProposed', GoalTerms>;
export type GoalAgreementGiven = Event<
  'GoalAgreementGiven',
  On<{ party: Party; actorId: string; effectiveOn?: string }>
>;
/** Without `feasibility`: agreed before goals were asked about it. */
export type GoalAgreed = Event<'GoalAgreed', On<{ effectiveOn?: string; feasibility?: Feasibility }>>;
export type ActivityDone = Event<'ActivityDone', On<{ activityId: string; effectiveOn: string }>>;
export type ProgressReported = Event<
  'ProgressReported',
  On<{ milestoneId?: string; percent?: number; carriedOver: boolean; effectiveOn: string }>
>;
export type EvidenceSubmitted = Event<
  'EvidenceSubmitted',
  On<{
    evidenceId: string;
    kind: string;
    sourceId?: string;
    contentHash?: string;
    submittedBy: string;
    occurredAt: string;
    recordedAt: string;
    effectiveOn: string;
  }>
>;
export type EvidenceAccepted = Event<
  'EvidenceAccepted',
  On<{ evidenceId: string; criterionIds: readonly string[]; verifiedBy: string }>
>;
export type EvidenceReferred = Event<
  'EvidenceReferred',
  On<{ evidenceId: string; verifiedBy: string; respondBy: string }>
>;
export type EvidenceRejected = Event<'EvidenceRejected', On<{ evidenceId: string; verifiedBy: string }>>;
/** From `groundOn` the evidence was not valid. */
export type EvidenceVoided = Event<'EvidenceVoided', On<{ evidenceId: string; reasonCode: string; groundOn: string }>>;
/** `outcomeNo` counts the outcomes of a goal from 1: each attainment has its own, so each is revoked, and billed, once. */
export type GoalAttained = Event<
  'GoalAttained',
  On<{ outcomeNo: number; evidenceIds: readonly string[]; effectiveOn: string }>
>;
export type AttainmentRevoked = Event<
  'AttainmentRevoked',
  On<{ outcomeNo: number; evidenceId: string; groundOn: string }>
>;
export type GoalWithdrawn = Event<
  'GoalWithdrawn',
  On<{ outcomeNo: number; reasonCode: string; evidenceId?: string; effectiveOn: string }>
>;
export type GoalFellOverdue = Event<'GoalFellOverdue', On<{ outcomeNo: number; effectiveOn: string }>>;
export type GoalMissed = Event<
  'GoalMissed',
  On<{ outcomeNo: number; decidedBy: DecidedBy; evidenceId?: string; effectiveOn: string }>
>;

/** An agreed commitment counts the goal; no other can (rule A14). */
export type GoalPromised = Event<'GoalPromised', On<{ commitmentId: string }>>;

export type GoalEvent =
  | GoalProposed
  | GoalAgreementGiven
  | GoalAgreed
  | ActivityDone
  | ProgressReported
  | EvidenceSubmitted
  | EvidenceAccepted
  | EvidenceReferred
  | EvidenceRejected
  | EvidenceVoided
  | GoalAttained
  | AttainmentRevoked
  | GoalWithdrawn
  | GoalFellOverdue
  | GoalMissed
  | GoalPromised;
