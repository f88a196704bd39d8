import { isoWeekOf, isoWeeksIn } from './iso-week';
import { countDays } from './local-days';

describe('T14: ISO weeks', () => {
  it.each([
    ['2020-12-31', 2020, 53, '2020-12-28', '2021-01-04'],
    ['2021-01-03', 2020, 53, '2020-12-28', '2021-01-04'],
    ['2021-01-04', 2021, 1, '2021-01-04', '2021-01-11'],
    ['2024-12-30', 2025, 1, '2024-12-30', '2025-01-06'],
    ['2024-02-29', 2024, 9, '2024-02-26', '2024-03-04'],
    ['2026-12-31', 2026, 53, '2026-12-28', '2027-01-04'],
    ['2026-03-29', 2026, 13, '2026-03-23', '2026-03-30'], // clocks change in Helsinki
  ])('%s lies in week %i-W%i, half-open', (day, ...[year, week, fromOn, untilOn]) => {
    expect(isoWeekOf(day)).toEqual({ year, week, fromOn, untilOn });
  });

  it('gives each day of ten years to exactly one week', () => {
    const weeks = isoWeeksIn({ fromOn: '2018-01-01', untilOn: '2028-01-01' });
    weeks.forEach((week, i) => expect(week.fromOn).toBe(i === 0 ? '2018-01-01' : weeks[i - 1]?.untilOn));
    expect(weeks.reduce((sum, week) => sum + countDays(week), 0)).toBe(3_652);
    expect(new Set(weeks.map(({ year, week }) => `${year}-${week}`)).size).toBe(weeks.length);
  });

  it('cuts the first and the last one', () => {
    expect(isoWeeksIn({ fromOn: '2026-12-30', untilOn: '2027-01-05' })).toEqual([
      { year: 2026, week: 53, fromOn: '2026-12-30', untilOn: '2027-01-04' },
      { year: 2027, week: 1, fromOn: '2027-01-04', untilOn: '2027-01-05' },
    ]);
    expect(isoWeeksIn({ fromOn: '2026-12-30', untilOn: '2026-12-30' })).toEqual([]);
  });
});
