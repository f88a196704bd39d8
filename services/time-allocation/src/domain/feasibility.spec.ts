import { feasibility, minutesGiven, minutesNeeded } from './feasibility';

const grants = (...each: [string, number][]) =>
  each.map(([effectiveOn, minutesPerWeek]) => ({ effectiveOn, minutesPerWeek }));
const week = { fromOn: '2026-03-23', untilOn: '2026-03-30' }; // the last day has 23 hours in Helsinki

describe('minutes given', () => {
  it('T14: a week gives its minutes, also with a clock change in it, over the year end and in week 53', () => {
    expect(minutesGiven(grants(['2026-01-01', 100]), week)).toBe(100);
    expect(minutesGiven(grants(['2026-01-01', 100]), { fromOn: '2026-12-28', untilOn: '2027-01-04' })).toBe(100);
  });

  it('T1: splits a week by day when the policy changes in it', () => {
    // Two days at 70 a week and five at 140.
    expect(minutesGiven(grants(['2026-01-01', 70], ['2026-03-25', 140]), week)).toBe(20 + 100);
  });

  it('T15: rounds down once, after adding', () => {
    expect(minutesGiven(grants(['2026-01-01', 100]), { fromOn: '2026-03-23', untilOn: '2026-03-24' })).toBe(14);
    // 14 2/7 and 7 5/7: rounded one by one they would be 21.
    expect(
      minutesGiven(grants(['2026-01-01', 100], ['2026-03-24', 54]), { fromOn: '2026-03-23', untilOn: '2026-03-25' }),
    ).toBe(22);
  });

  it('gives nothing before the first grant and after one of nothing', () => {
    expect(minutesGiven(grants(['2026-03-30', 100]), week)).toBe(0);
    expect(minutesGiven(grants(['2026-05-30', 100]), week)).toBe(0);
    expect(minutesGiven(grants(['2026-01-01', 100], ['2026-03-23', 0]), week)).toBe(0);
  });
});

describe('minutes needed', () => {
  const plan = { goalId: 'g', neededMinutes: 100, plannedOn: '2026-03-01', dueOn: '2026-03-30' };

  it('spreads a plan over its days, the due day among them, and rounds up', () => {
    expect(minutesNeeded(plan, { fromOn: '2026-01-01', untilOn: '2027-01-01' })).toBe(100);
    expect(minutesNeeded(plan, { fromOn: '2026-03-30', untilOn: '2026-03-31' })).toBe(4); // 100 / 30
    expect(minutesNeeded(plan, { fromOn: '2026-03-31', untilOn: '2026-04-30' })).toBe(0);
  });
});

describe('feasibility', () => {
  const asked = { neededMinutes: 100, fromOn: week.fromOn, dueOn: '2026-03-29' };

  it('counts the due day, and to the minute', () => {
    expect(feasibility(grants(['2026-01-01', 100]), [], asked)).toEqual({
      status: 'feasible',
      neededMinutes: 100,
      givenMinutes: 100,
      promisedMinutes: 0,
    });
    expect(feasibility(grants(['2026-01-01', 99]), [], asked)).toMatchObject({ status: 'short', givenMinutes: 99 });
  });

  it('leaves earlier plans what was promised to them', () => {
    const earlier = [{ goalId: 'h', neededMinutes: 14, plannedOn: '2026-03-23', dueOn: '2026-04-05' }];
    expect(feasibility(grants(['2026-01-01', 106]), earlier, asked)).toMatchObject({
      status: 'short',
      promisedMinutes: 7,
    });
    expect(feasibility(grants(['2026-01-01', 107]), earlier, asked)).toMatchObject({ status: 'feasible' });
  });

  it('says when nobody gives any time, which is something else than too little', () => {
    expect(feasibility([], [], asked).status).toBe('no-policy');
    expect(feasibility(grants(['2026-03-30', 100]), [], asked).status).toBe('no-policy');
    expect(feasibility(grants(['2026-01-01', 0]), [], asked).status).toBe('short');
  });
});
