import { specFor } from '@oppi/event-sourcing/testing';
import { earned, revocation, wasCharged, wasClosed, wasLocked, wasReleased, wasReversed } from './billing.fixtures';
import { books } from './books';
import { chargeGoal, charges, lockCharge, releaseCharge, reverseCharge } from './charges';
import type { Earned } from './charges.events';

const { given } = specFor(charges);
const open = books.initial;
const closedUpTo = (period: string) => books.evolve(open, wasClosed(period));
const charge = (state: Parameters<typeof chargeGoal>[0], what: Earned = earned(), at = open) =>
  chargeGoal(state, at, what, undefined);

describe('charging an attainment', () => {
  it('B3: happens in the month in which it was earned', () => {
    given()
      .when((state) => charge(state))
      .then(wasCharged('2026-03'));
  });
  it('E7: happens in the first open month when that one is closed', () => {
    given()
      .when((state) => charge(state, earned(), closedUpTo('2026-05')))
      .then(wasCharged('2026-06'));
  });
  it('B1: happens once, however often it is asked for', () => {
    given(wasCharged('2026-03'))
      .when((state) => charge(state))
      .thenNothing();
    given(wasLocked())
      .when((state) => charge(state))
      .thenNothing();
    given(wasCharged('2026-03'), wasReversed('2026-04'))
      .when((state) => charge(state))
      .thenNothing();
  });
  it('E6: happens anew for the next attainment of the same goal', () => {
    const again = { lineId: 'l-2', outcomeNo: 2, deliveryPeriod: '2026-05' };
    given(wasCharged('2026-03'), wasReversed('2026-04'))
      .when((state) => charge(state, earned(again)))
      .then(wasCharged('2026-05', again));
  });
  it('A12: is held back while records disagree', () => {
    given()
      .when((state) => chargeGoal(state, open, earned(), 'verifier-was-coach'))
      .then(wasLocked());
  });
  it('B16: is held back, never zero, without a price or a tax rate', () => {
    const { amountMinor: _price, ...priceless } = earned();
    const { vatRateBasisPoints: _rate, ...untaxed } = earned();
    given()
      .when((state) => charge(state, priceless))
      .then({ type: 'ChargeLocked', data: { ...priceless, lockCode: 'price-missing' } });
    given()
      .when((state) => charge(state, untaxed))
      .then({ type: 'ChargeLocked', data: { ...untaxed, lockCode: 'tax-missing' } });
    given()
      .when((state) => charge(state, earned({ vatRateBasisPoints: 0 })))
      .then(wasCharged('2026-03', { vatRateBasisPoints: 0 }));
  });
});

describe('taking a charge back', () => {
  it('E5: is a linked line in the month in which the revocation was recorded', () => {
    given(wasCharged('2026-03'))
      .when((state) => reverseCharge(state, open, revocation('2026-05')))
      .then(wasReversed('2026-05'));
  });
  it('B4: is in the first open month when that one is closed', () => {
    given(wasCharged('2026-03'))
      .when((state) => reverseCharge(state, closedUpTo('2026-07'), revocation('2026-05')))
      .then(wasReversed('2026-08'));
  });
  it('is never in a month before the charge', () => {
    given(wasCharged('2026-06'))
      .when((state) => reverseCharge(state, open, revocation('2026-05')))
      .then(wasReversed('2026-06'));
  });
  it('E6: happens once, and only where there is a charge', () => {
    given(wasCharged('2026-03'), wasReversed('2026-05'))
      .when((state) => reverseCharge(state, open, revocation('2026-06')))
      .thenNothing();
    given(wasCharged('2026-03'))
      .when((state) => reverseCharge(state, open, revocation('2026-06', 2)))
      .thenNothing();
  });
  it('A12: settles in no month while the charge is held back: neither was ever billed', () => {
    given(wasLocked())
      .when((state) => reverseCharge(state, open, revocation('2026-05')))
      .then(wasReversed(undefined));
  });
  it('follows a released charge into its month', () => {
    given(wasLocked(), wasReleased('2026-06'))
      .when((state) => reverseCharge(state, closedUpTo('2026-05'), revocation('2026-05')))
      .then(wasReversed('2026-06'));
  });
});

describe('holding a charge back afterwards', () => {
  it('A12: takes it out again while its month is open', () => {
    given(wasCharged('2026-03'))
      .when((state) => lockCharge(state, closedUpTo('2026-02'), 1, 'verifier-was-coach'))
      .then(wasLocked());
  });
  it('B4: leaves it where it was billed', () => {
    given(wasCharged('2026-03'))
      .when((state) => lockCharge(state, closedUpTo('2026-03'), 1, 'verifier-was-coach'))
      .thenNothing();
  });
  it('leaves what is reversed, released, held back already, or not there', () => {
    const pasts = [
      [wasCharged('2026-03'), wasReversed('2026-03')],
      [wasLocked(), wasReleased('2026-03')],
      [wasLocked()],
      [],
    ];
    for (const past of pasts)
      given(...past)
        .when((state) => lockCharge(state, open, 1, 'verifier-was-coach'))
        .thenNothing();
  });
});

describe('releasing a charge', () => {
  it('bills it in the month that is open then', () => {
    given(wasLocked())
      .when((state) => releaseCharge(state, closedUpTo('2026-05'), 'l-1', 'looked-at'))
      .then(wasReleased('2026-06'));
    given(wasLocked())
      .when((state) => releaseCharge(state, open, 'l-1', 'looked-at'))
      .then(wasReleased('2026-03'));
  });
  it.each([
    ['line-not-found', []],
    ['charge-not-locked', [wasCharged('2026-03')]],
    ['charge-not-locked', [wasLocked(), wasReleased('2026-03')]],
    ['charge-reversed', [wasLocked(), wasReversed(undefined)]],
    ['charge-not-billable', [wasLocked('currency-differs')]],
  ] as const)('B16: is refused as %s', (code, past) => {
    given(...past)
      .when((state) => releaseCharge(state, open, 'l-1', 'looked-at'))
      .thenRefused(code);
  });
  it('B16: is refused without an amount', () => {
    const { amountMinor: _price, ...priceless } = earned();
    given({ type: 'ChargeLocked', data: { ...priceless, lockCode: 'price-missing' } })
      .when((state) => releaseCharge(state, open, 'l-1', 'looked-at'))
      .thenRefused('charge-not-billable');
  });
});
