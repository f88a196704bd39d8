import type { EvidenceItem } from './goal-evidence';
import type { GoalEvent, GoalTerms } from './goal.events';

export const goalId = '0c000000-0000-4000-8000-000000000001';
export const learner = '0d000000-0000-4000-8000-000000000001';
export const coach = '0d000000-0000-4000-8000-000000000002';
export const verifier = '0d000000-0000-4000-8000-000000000003';

/** Due on 30 June, which ends at 21:00 UTC in Helsinki's summer; one criterion. */
export const terms = (more: Partial<GoalTerms> = {}): GoalTerms => ({
  goalId,
  personId: learner,
  dueOn: '2026-06-30',
  timeZone: 'Europe/Helsinki',
  graceDays: 14,
  criteria: [{ criterionId: 'pass' }],
  milestones: [{ milestoneId: 'm-1' }],
  imported: false,
  ...more,
});

export const wasProposed = (more: Partial<GoalTerms> = {}): GoalEvent => ({ type: 'GoalProposed', data: terms(more) });
export const wasAgreed = (more: Partial<GoalTerms> = {}): GoalEvent[] => [
  wasProposed(more),
  { type: 'GoalAgreementGiven', data: { goalId, party: 'provider', actorId: coach, effectiveOn: '2026-05-01' } },
  { type: 'GoalAgreementGiven', data: { goalId, party: 'client', actorId: verifier, effectiveOn: '2026-05-02' } },
  { type: 'GoalAgreed', data: { goalId, effectiveOn: '2026-05-02' } },
];

export const anItem = (evidenceId: string, more: Partial<EvidenceItem> = {}): EvidenceItem => ({
  evidenceId,
  kind: 'test',
  sourceId: undefined,
  contentHash: undefined,
  submittedBy: coach,
  occurredAt: '2026-06-10T09:00:00.000Z',
  recordedAt: '2026-06-11T09:00:00.000Z',
  ...more,
});

export const wasSubmitted = (
  evidenceId: string,
  effectiveOn = '2026-06-10',
  occurredAt = `${effectiveOn}T09:00:00.000Z`,
): GoalEvent => {
  const { kind, submittedBy, recordedAt } = anItem(evidenceId);
  return {
    type: 'EvidenceSubmitted',
    data: { goalId, evidenceId, kind, submittedBy, occurredAt, recordedAt, effectiveOn },
  };
};
export const wasAccepted = (evidenceId: string, criterionIds: string[] = ['pass']): GoalEvent => ({
  type: 'EvidenceAccepted',
  data: { goalId, evidenceId, criterionIds, verifiedBy: verifier },
});
export const wasAttained = (evidenceIds: string[], effectiveOn = '2026-06-10', outcomeNo = 1): GoalEvent => ({
  type: 'GoalAttained',
  data: { goalId, outcomeNo, evidenceIds, effectiveOn },
});
