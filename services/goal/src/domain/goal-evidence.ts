import { DomainError, endsBy, localDateOf } from '@oppi/event-sourcing';
import { coaches } from './coaches';
import { type Evidence, evidenceOf, type Goal, open, requireAccepted, set, type SetGoal } from './goal';
import type { GoalEvent } from './goal.events';
import type { Person } from './person';

export type EvidenceItem = Readonly<{
  evidenceId: string;
  kind: string;
  sourceId: string | undefined;
  contentHash: string | undefined;
  submittedBy: string;
  occurredAt: string;
  recordedAt: string;
}>;

/** The same item of a source twice is one item; the same item with another content is a conflict (rule E9). */
export const submitEvidence = (state: Goal, item: EvidenceItem): GoalEvent[] => {
  const { terms, evidence } = open(state);
  const { evidenceId, kind, sourceId, contentHash, submittedBy, occurredAt, recordedAt } = item;
  if (evidence.some((known) => known.evidenceId === evidenceId))
    throw new DomainError('conflict', 'evidence-already-submitted', 'This evidence was submitted already.');
  const twin =
    sourceId === undefined ? undefined : evidence.find((known) => known.sourceId === sourceId && known.kind === kind);
  if (twin?.contentHash === contentHash && twin) return [];
  if (twin)
    throw new DomainError(
      'conflict',
      'evidence-source-changed',
      'This item of the source was submitted with another content.',
    );
  const origin = { ...(sourceId !== undefined && { sourceId }), ...(contentHash !== undefined && { contentHash }) };
  const effectiveOn = localDateOf(occurredAt, terms.timeZone);
  const data = { goalId: terms.goalId, evidenceId, kind, ...origin, submittedBy, occurredAt, recordedAt, effectiveOn };
  return [{ type: 'EvidenceSubmitted', data }];
};

/** Who judges, and the goal's learner, who knows who coaches whom; a goal of a team or the organisation has none. */
export type Verifier = Readonly<{ actorId: string; learner?: Person | undefined }>;

/**
 * Accepts evidence for the criteria it meets; when all are met the goal is attained, from the day the last of them was.
 * Evidence from after 24:00 of the due date meets nothing. The verifier is neither learner nor submitter, nor the
 * learner's coach (rule E4).
 */
export const acceptEvidence = (
  state: Goal,
  evidenceId: string,
  criterionIds: readonly string[],
  verifier: Verifier,
): GoalEvent[] => {
  const present = open(state);
  const item = toBeJudged(present, evidenceId, verifier);
  const { actorId: verifiedBy } = verifier;
  checkCriteria(present, item, criterionIds);
  const { goalId } = present.terms;
  const accepted: GoalEvent = { type: 'EvidenceAccepted', data: { goalId, evidenceId, criterionIds, verifiedBy } };
  const evidence = present.evidence.map((each) =>
    each === item ? { ...item, status: 'accepted' as const, criterionIds } : each,
  );
  const met = groundOf(present, evidence);
  if (!met) return [accepted];
  const attained = { goalId, outcomeNo: present.outcomeNo + 1, evidenceIds: met.evidenceIds, effectiveOn: met.on };
  return [accepted, { type: 'GoalAttained', data: attained }];
};

const checkCriteria = ({ terms }: SetGoal, item: Evidence, criterionIds: readonly string[]): void => {
  for (const criterionId of criterionIds) {
    const criterion = terms.criteria.find((each) => each.criterionId === criterionId);
    if (!criterion) throw new DomainError('refused', 'criterion-unknown', 'This goal has no such criterion.');
    if (criterion.evidenceKind !== undefined && criterion.evidenceKind !== item.kind)
      throw new DomainError('refused', 'evidence-kind-mismatch', 'The criterion asks for another kind of evidence.');
  }
  if (criterionIds.length > 0 && !endsBy(item.occurredAt, terms.dueOn, terms.timeZone))
    throw new DomainError(
      'refused',
      'evidence-after-due',
      'This happened after 24:00 of the due date; it meets no criterion.',
    );
};

export const referEvidence = (state: Goal, evidenceId: string, verifier: Verifier, respondBy: string): GoalEvent[] => {
  const present = open(state);
  toBeJudged(present, evidenceId, verifier);
  const { actorId: verifiedBy } = verifier;
  return [{ type: 'EvidenceReferred', data: { goalId: present.terms.goalId, evidenceId, verifiedBy, respondBy } }];
};

export const rejectEvidence = (state: Goal, evidenceId: string, verifier: Verifier): GoalEvent[] => {
  const present = open(state);
  toBeJudged(present, evidenceId, verifier);
  const { actorId: verifiedBy } = verifier;
  return [{ type: 'EvidenceRejected', data: { goalId: present.terms.goalId, evidenceId, verifiedBy } }];
};

/**
 * Voids evidence for ever (rule E3), at any time. An attainment falls when what is left does not meet every criterion
 * (rule E2); it falls from the day the ground fell, but never from before it began (rule E5).
 * `groundOn` undefined: the evidence never was valid.
 */
export const voidEvidence = (
  state: Goal,
  evidenceId: string,
  reasonCode: string,
  groundOn: string | undefined,
): GoalEvent[] => {
  const present = set(state);
  const item = evidenceOf(present, evidenceId);
  if (item.status === 'voided')
    throw new DomainError('conflict', 'evidence-already-voided', 'This evidence is voided already; a void is final.');
  const { goalId } = present.terms;
  const fallsOn = laterOf(groundOn ?? item.effectiveOn, item.effectiveOn);
  const voided: GoalEvent = { type: 'EvidenceVoided', data: { goalId, evidenceId, reasonCode, groundOn: fallsOn } };
  if (present.status !== 'attained' || present.outcomeOn === undefined) return [voided];
  if (
    groundOf(
      present,
      present.evidence.filter((each) => each !== item),
    )
  )
    return [voided];
  const revoked = { goalId, outcomeNo: present.outcomeNo, evidenceId, groundOn: laterOf(fallsOn, present.outcomeOn) };
  return [voided, { type: 'AttainmentRevoked', data: revoked }];
};

/** A verifier's judgement that the goal was not attained, on evidence that was accepted as genuine. */
export const missGoal = (state: Goal, evidenceId: string, verifier: Verifier, effectiveOn: string): GoalEvent[] => {
  const present = open(state);
  requireAccepted(present, evidenceId);
  requireIndependent(present, evidenceOf(present, evidenceId), verifier);
  const { goalId } = present.terms;
  const outcomeNo = present.outcomeNo + 1;
  return [{ type: 'GoalMissed', data: { goalId, outcomeNo, decidedBy: 'verifier', evidenceId, effectiveOn } }];
};

const toBeJudged = (state: SetGoal, evidenceId: string, verifier: Verifier): Evidence => {
  const item = evidenceOf(state, evidenceId);
  if (item.status !== 'submitted' && item.status !== 'referred')
    throw new DomainError('refused', 'evidence-already-judged', `This evidence is ${item.status} already.`);
  requireIndependent(state, item, verifier);
  return item;
};

const requireIndependent = ({ terms }: SetGoal, item: Evidence, { actorId, learner }: Verifier): void => {
  const isCoach = learner !== undefined && coaches(learner, actorId, item.effectiveOn);
  if (isCoach || actorId === terms.personId || actorId === item.submittedBy)
    throw new DomainError(
      'refused',
      'verifier-not-independent',
      'Who learns, coaches or submits does not verify: ask another verifier.',
    );
};

/** The evidence that meets every criterion, and the day the last of them was met; nothing when one is open. */
const groundOf = (
  { terms }: SetGoal,
  evidence: readonly Evidence[],
): { evidenceIds: string[]; on: string } | undefined => {
  const ground = terms.criteria.map(({ criterionId }) =>
    evidence
      .filter((item) => item.status === 'accepted' && item.criterionIds.includes(criterionId))
      .reduce<Evidence | undefined>(
        (first, item) => (first && first.effectiveOn <= item.effectiveOn ? first : item),
        undefined,
      ),
  );
  if (!ground.every((item) => item !== undefined)) return undefined;
  const evidenceIds = [...new Set(ground.map((item) => item.evidenceId))];
  return { evidenceIds, on: ground.map((item) => item.effectiveOn).reduce(laterOf) };
};

const laterOf = (a: string, b: string): string => (a > b ? a : b);
