import type { PeriodClosed } from './books';
import type { Billable, ChargeLocked, ChargeReleased, ChargeReversed, GoalCharged, LockCode } from './charges.events';
import type { Revocation } from './charges';

export const PRICE = 4990;

export const earned = (more: Partial<Billable> = {}): Billable => ({
  lineId: 'l-1',
  commitmentId: 'c',
  goalId: 'g',
  outcomeNo: 1,
  amountMinor: PRICE,
  currency: 'EUR',
  vatRateBasisPoints: 2550,
  deliveryPeriod: '2026-03',
  evidenceIds: ['e'],
  ...more,
});
export const wasCharged = (period: string, more: Partial<Billable> = {}): GoalCharged => ({
  type: 'GoalCharged',
  data: { ...earned(more), period },
});
export const wasLocked = (lockCode: LockCode = 'verifier-was-coach'): ChargeLocked => ({
  type: 'ChargeLocked',
  data: { ...earned(), lockCode },
});
export const wasReleased = (period: string): ChargeReleased => ({
  type: 'ChargeReleased',
  data: { ...earned(), lockCode: 'verifier-was-coach', reasonCode: 'looked-at', period },
});

export const revocation = (recordedIn: string, outcomeNo = 1): Revocation => ({
  outcomeNo,
  reversalLineId: `r-${outcomeNo}`,
  eventId: 'revoked',
  recordedIn,
});
export const wasReversed = (period: string | undefined): ChargeReversed => {
  const { evidenceIds: _none, ...facts } = earned();
  const about = { lineId: 'r-1', reversesLineId: 'l-1', revocationEventId: 'revoked', amountMinor: -PRICE };
  return { type: 'ChargeReversed', data: { ...facts, ...about, ...(period !== undefined && { period }) } };
};

export const NOW = '2026-11-26T10:00:00.000Z';
export const wasClosed = (period: string, statementNo = 1, closedBefore?: string): PeriodClosed => ({
  type: 'PeriodClosed',
  data: { period, statementNo, inboxPosition: '7', closedAt: NOW, ...(closedBefore && { closedBefore }) },
});
