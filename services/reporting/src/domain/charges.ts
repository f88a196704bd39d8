import { type Decider, DomainError } from '@oppi/event-sourcing';
import { type Books, collectedIn, isClosed } from './books';
import type { Billable, ChargesEvent, Earned, LockCode } from './charges.events';
import { laterPeriod, type Period } from './period';

/** `period`: the month it is collected in; absent while it is locked. A charge that was released is not locked again. */
export type Charge = Readonly<{
  earned: Earned;
  period?: Period | undefined;
  lockCode?: LockCode | undefined;
  released: boolean;
  reversed: boolean;
}>;
/** The charges of one goal under one commitment by outcome number: at most one each, with at most one reversal (B1, E6). */
export type Charges = ReadonlyMap<number, Charge>;

export const charges: Decider<Charges, ChargesEvent> = {
  initial: new Map(),
  evolve: (state, event) => {
    const { outcomeNo } = event.data;
    const before = state.get(outcomeNo);
    const become = (charge: Charge): Charges => new Map(state).set(outcomeNo, charge);
    const base = { earned: before?.earned ?? (event.data as Earned), released: false, reversed: false };
    switch (event.type) {
      case 'GoalCharged':
        return become({ ...base, period: event.data.period });
      case 'ChargeLocked':
        return become({ ...base, lockCode: event.data.lockCode });
      case 'ChargeReleased':
        return become({ ...base, period: event.data.period, released: true });
      case 'ChargeReversed':
        return before ? become({ ...before, reversed: true }) : state;
    }
  },
};

export const chargesStream = (commitmentId: string, goalId: string): string => `charges-${commitmentId}-${goalId}`;

/**
 * Charges an attainment, once for ever, in the month it was earned in or the first open one (rules B1, B3, E7). Records that
 * disagree or are missing hold it back instead (rules A12, B16).
 */
export const chargeGoal = (
  state: Charges,
  books: Books,
  earned: Earned,
  lock: LockCode | undefined,
): ChargesEvent[] => {
  if (state.has(earned.outcomeNo)) return [];
  const lockCode = missing(earned) ?? lock;
  if (lockCode !== undefined || !isBillable(earned))
    return [{ type: 'ChargeLocked', data: { ...factsOf(earned), lockCode: lockCode ?? 'price-missing' } }];
  const period = collectedIn(books, earned.deliveryPeriod);
  return [{ type: 'GoalCharged', data: { ...billableOf(earned), period } }];
};

/** Takes a charge out again while its month is open; later it stays where it was billed (rule B4). */
export const lockCharge = (state: Charges, books: Books, outcomeNo: number, lockCode: LockCode): ChargesEvent[] => {
  const charge = state.get(outcomeNo);
  if (!charge || charge.released || charge.reversed) return [];
  if (charge.period === undefined || isClosed(books, charge.period)) return [];
  return [{ type: 'ChargeLocked', data: { ...factsOf(charge.earned), lockCode } }];
};

/** Somebody looked at what disagreed: it is billed after all, in the month that is open now. */
export const releaseCharge = (state: Charges, books: Books, lineId: string, reasonCode: string): ChargesEvent[] => {
  const charge = [...state.values()].find(({ earned }) => earned.lineId === lineId);
  if (!charge) throw new DomainError('not-found', 'line-not-found', 'There is no such line.');
  const { earned, lockCode, reversed } = charge;
  if (reversed)
    throw new DomainError('refused', 'charge-reversed', 'The attainment fell meanwhile: nothing is to be billed.');
  if (lockCode === undefined) throw new DomainError('refused', 'charge-not-locked', 'This charge is not held back.');
  if (!isBillable(earned) || lockCode === 'currency-differs')
    throw new DomainError(
      'refused',
      'charge-not-billable',
      'Without price, tax rate and the currency of the organisation it cannot be billed.',
    );
  const period = collectedIn(books, earned.deliveryPeriod);
  return [{ type: 'ChargeReleased', data: { ...billableOf(earned), lockCode, reasonCode, period } }];
};

export type Revocation = Readonly<{
  outcomeNo: number;
  reversalLineId: string;
  eventId: string;
  /** The month in which it was recorded, in the organisation's time zone. */
  recordedIn: Period;
}>;

/**
 * Takes a charge back, once, by a new line that is linked to it (rules E5, E6, B4): in the month in which the revocation was
 * recorded, or the first open one, and never before the charge itself.
 */
export const reverseCharge = (state: Charges, books: Books, revocation: Revocation): ChargesEvent[] => {
  const { outcomeNo, reversalLineId, eventId, recordedIn } = revocation;
  const charge = state.get(outcomeNo);
  if (!charge || charge.reversed) return [];
  const { earned, period } = charge;
  const { lineId, commitmentId, goalId, amountMinor, currency, vatRateBasisPoints, deliveryPeriod } = earned;
  return [
    {
      type: 'ChargeReversed',
      data: {
        lineId: reversalLineId,
        reversesLineId: lineId,
        revocationEventId: eventId,
        commitmentId,
        goalId,
        outcomeNo,
        ...(amountMinor !== undefined && { amountMinor: -amountMinor }),
        currency,
        ...(vatRateBasisPoints !== undefined && { vatRateBasisPoints }),
        deliveryPeriod,
        ...(period !== undefined && { period: laterPeriod(collectedIn(books, recordedIn), period) }),
      },
    },
  ];
};

/** Never zero where nothing is known (rule B16). */
const missing = ({ amountMinor, vatRateBasisPoints }: Earned): LockCode | undefined => {
  if (amountMinor === undefined) return 'price-missing';
  return vatRateBasisPoints === undefined ? 'tax-missing' : undefined;
};

const isBillable = (earned: Earned): earned is Billable => missing(earned) === undefined;

const factsOf = (earned: Earned): Earned => {
  const { lineId, commitmentId, goalId, outcomeNo, amountMinor, currency, vatRateBasisPoints, deliveryPeriod } = earned;
  return {
    lineId,
    commitmentId,
    goalId,
    outcomeNo,
    ...(amountMinor !== undefined && { amountMinor }),
    currency,
    ...(vatRateBasisPoints !== undefined && { vatRateBasisPoints }),
    deliveryPeriod,
    evidenceIds: earned.evidenceIds,
  };
};

const billableOf = (earned: Billable): Billable => ({
  ...factsOf(earned),
  amountMinor: earned.amountMinor,
  vatRateBasisPoints: earned.vatRateBasisPoints,
});
