import { specFor } from '@oppi/event-sourcing/testing';
import { NOW, wasClosed } from './billing.fixtures';
import { books, closePeriod, collectedIn, isClosed } from './books';
import { nextPeriod, periodBefore, periodOf } from './period';

const { given } = specFor(books);
const closing = (period: string, more: { isIssued?: boolean; currentPeriod?: string } = {}) => ({
  period,
  currentPeriod: '2026-11',
  isIssued: false,
  inboxPosition: '7',
  now: NOW,
  ...more,
});

describe('closing a month', () => {
  it('B5: says up to where the facts were in, and counts statements from 1', () => {
    given()
      .when((state) => closePeriod(state, closing('2026-03')))
      .then(wasClosed('2026-03'));
    given(wasClosed('2026-03'))
      .when((state) => closePeriod(state, closing('2026-05')))
      .then(wasClosed('2026-05', 2, '2026-03'));
  });
  it('is refused while the month runs, and for one to come', () => {
    for (const period of ['2026-11', '2026-12'])
      given()
        .when((state) => closePeriod(state, closing(period)))
        .thenRefused('period-not-over');
    given()
      .when((state) => closePeriod(state, closing('2026-10')))
      .then(wasClosed('2026-10'));
  });
  it('B4: is refused for a closed month, and for one that a later statement covers', () => {
    given(wasClosed('2026-05'))
      .when((state) => closePeriod(state, closing('2026-05', { isIssued: true })))
      .thenRefused('period-already-closed');
    given(wasClosed('2026-05'))
      .when((state) => closePeriod(state, closing('2026-04')))
      .thenRefused('period-already-closed');
  });
  it('goes on without a second closing when the statement was not issued yet', () => {
    given(wasClosed('2026-05'))
      .when((state) => closePeriod(state, closing('2026-05')))
      .thenNothing();
  });
});

describe('the month in which something is settled', () => {
  it('E7: is its own while that is open, and the first open one after', () => {
    given().thenState((state) => {
      expect(collectedIn(state, '1999-12')).toBe('1999-12');
    });
    given(wasClosed('2026-12')).thenState((state) => {
      expect(collectedIn(state, '2026-11')).toBe('2027-01');
      expect(collectedIn(state, '2026-12')).toBe('2027-01');
      expect(collectedIn(state, '2027-02')).toBe('2027-02');
      expect([isClosed(state, '2026-12'), isClosed(state, '2027-01')]).toEqual([true, false]);
    });
  });
});

describe('months', () => {
  it.each([
    ['2026-01', '2026-02'],
    ['2026-09', '2026-10'],
    ['2026-12', '2027-01'],
    ['0999-12', '1000-01'],
  ])('after %s comes %s', (period, next) => {
    expect(nextPeriod(period)).toBe(next);
    expect(periodBefore(next)).toBe(period);
  });
  it('are those of their dates', () => {
    expect(periodOf('2026-03-31')).toBe('2026-03');
  });
});
