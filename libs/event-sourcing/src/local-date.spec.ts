import { addDays, endsBy, localDateOf } from './index';

describe('local dates', () => {
  it.each([
    ['2026-06-30T20:59:59.999Z', 'Europe/Helsinki', '2026-06-30'],
    ['2026-06-30T21:00:00.000Z', 'Europe/Helsinki', '2026-07-01'],
    ['2026-12-31T22:00:00.000Z', 'Europe/Helsinki', '2027-01-01'],
    ['2026-10-25T00:30:00.000Z', 'Europe/Helsinki', '2026-10-25'], // the clocks go back this night
    ['2026-01-01T00:00:00.000Z', 'America/New_York', '2025-12-31'],
    ['1964-02-29T12:00:00.000Z', 'UTC', '1964-02-29'],
  ])('F62: %s in %s is %s', (instant, zone, date) => {
    expect(localDateOf(instant, zone)).toBe(date);
  });

  it('G22 A4: a date ends at 24:00 there, the boundary included', () => {
    expect(endsBy('2026-06-30T21:00:00.000Z', '2026-06-30', 'Europe/Helsinki')).toBe(true);
    expect(endsBy('2026-06-30T21:00:00.001Z', '2026-06-30', 'Europe/Helsinki')).toBe(false);
    expect(endsBy('2026-01-01T00:00:00.000Z', '2026-06-30', 'Europe/Helsinki')).toBe(true);
  });

  it.each([
    ['2024-02-28', 1, '2024-02-29'],
    ['2026-12-31', 1, '2027-01-01'],
    ['2026-03-28', 2, '2026-03-30'], // over the night the clocks go forward
    ['2026-03-01', -1, '2026-02-28'],
  ])('F62: %s and %i days is %s', (date, days, result) => {
    expect(addDays(date, days)).toBe(result);
  });
});
