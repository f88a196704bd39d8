import type { Event } from '@oppi/event-sourcing';
import type { Period } from './period';

/** Why an earned charge is held back (rules A12, B16). */
export const LOCK_CODES = ['verifier-was-coach', 'price-missing', 'tax-missing', 'currency-differs'] as const;
export type LockCode = (typeof LOCK_CODES)[number];

/** What was earned: one attainment of one goal under one commitment. Price and tax are absent where they are not known. */
export type Earned = Readonly<{
  lineId: string;
  commitmentId: string;
  goalId: string;
  outcomeNo: number;
  amountMinor?: number;
  currency: string;
  vatRateBasisPoints?: number;
  deliveryPeriod: Period;
  evidenceIds: readonly string[];
}>;
/** The same with nothing missing: what can be billed. */
export type Billable = Earned & Readonly<{ amountMinor: number; vatRateBasisPoints: number }>;

export type GoalCharged = Event<'GoalCharged', Billable & { period: Period }>;
/** Held back: at once instead of being charged, or taken out again before its month was closed. */
export type ChargeLocked = Event<'ChargeLocked', Earned & { lockCode: LockCode }>;
/** Billed from here, in this month. */
export type ChargeReleased = Event<
  'ChargeReleased',
  Billable & { lockCode: LockCode; reasonCode: string; period: Period }
>;
/** The attainment fell. Without a period the charge was locked: neither of the two was ever billed. */
export type ChargeReversed = Event<
  'ChargeReversed',
  Omit<Earned, 'evidenceIds'> & { reversesLineId: string; revocationEventId: string; period?: Period }
>;
export type ChargesEvent = GoalCharged | ChargeLocked | ChargeReleased | ChargeReversed;
