import type { ConcernEvent, ConcernKind, Finding } from './concern';
import type { LearnerEvent } from './learner';

export const personId = '0d000000-0000-4000-8000-000000000001';
export const coach = '0d000000-0000-4000-8000-000000000002';
export const successor = '0d000000-0000-4000-8000-000000000003';
export const somebody = '0d000000-0000-4000-8000-000000000004';
export const now = '2026-05-01T09:00:00.000Z';
export const dueAt = '2026-05-06T09:00:00.000Z';

export const wasAssigned = (coachId = coach, assignmentNo = 1, effectiveOn = '2026-03-01'): LearnerEvent => ({
  type: 'CoachAssigned',
  data: { personId, coachId, assignmentNo, effectiveOn },
});
export const wasUnassigned = (coachId = coach, assignmentNo = 1, effectiveOn = '2026-05-01'): LearnerEvent => ({
  type: 'CoachUnassigned',
  data: { personId, coachId, assignmentNo, effectiveOn },
});

export const finding = (kind: ConcernKind, concernId = `c-${kind}`): Finding => ({
  concernId,
  personId,
  kind,
  raisedAt: now,
  dueAt,
});
export const wasRaised = (kind: ConcernKind, ownerId?: string, concernId = `c-${kind}`): ConcernEvent => ({
  type: 'ConcernRaised',
  data: { concernId, personId, kind, ...(ownerId && { ownerId }), raisedAt: now, dueAt },
});
export const wasEntrusted = (coachId?: string): ConcernEvent => ({
  type: 'ConcernsEntrusted',
  data: { personId, ...(coachId && { coachId }) },
});
export const ownerBecame = (concernId: string, ownerId?: string): ConcernEvent => ({
  type: 'ConcernOwnerChanged',
  data: { concernId, personId, ...(ownerId && { ownerId }) },
});
export const wasClosed = (kind: ConcernKind, outcome: 'helped' | 'learner-erased' = 'helped'): ConcernEvent => ({
  type: 'ConcernClosed',
  data: { concernId: `c-${kind}`, personId, kind, outcome, closedAt: now },
});
export const wereSealed: ConcernEvent = { type: 'ConcernsSealed', data: { personId } };
