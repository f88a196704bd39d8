import * as fc from 'fast-check';
import { add, attainmentOf, basisPointsOf, NO_OUTCOMES, NOBODY } from './arithmetic';
import { inReadingOrder, type TeamNode, withTeamsBelow } from './team-tree';

describe('a rate', () => {
  it.each([
    [1, 3, 3333],
    [2, 3, 6667],
    [1, 8, 1250],
    [15_385, 32_593, 4720],
    [1, 20_000, 1], // half a basis point is rounded up
    [0, 5, 0],
    [5, 5, 10_000],
  ])('of %i in %i is %i basis points', (part, whole, rate) => {
    expect(basisPointsOf(part, whole)).toBe(rate);
  });
  it('of nothing is nothing', () => {
    expect(basisPointsOf(0, 0)).toBeUndefined();
    expect(attainmentOf(NO_OUTCOMES)).toEqual({ agreed: 0, attained: 0, missed: 0, withdrawn: 0, overdue: 0, open: 0 });
    expect(attainmentOf({ ...NO_OUTCOMES, withdrawn: 2 })).toMatchObject({ agreed: 2, rateBasisPoints: 0 });
    expect(attainmentOf({ ...NO_OUTCOMES, withdrawn: 2 }).rateWithoutWithdrawnBasisPoints).toBeUndefined();
  });
  it('is within half a basis point of the truth, for any counts', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), fc.integer({ min: 1, max: 10_000_000 }), (some, more) => {
        const whole = some + more;
        const off = Math.abs((basisPointsOf(some, whole) ?? 0) - (some * 10_000) / whole);
        expect(off).toBeLessThanOrEqual(0.5 + 1e-9);
      }),
    );
  });
});

describe('attainment', () => {
  it('counts every agreed goal once, and rates with and without the withdrawn', () => {
    expect(attainmentOf({ attained: 2, missed: 1, withdrawn: 1, overdue: 0, open: 1 })).toEqual({
      agreed: 5,
      attained: 2,
      missed: 1,
      withdrawn: 1,
      overdue: 0,
      open: 1,
      rateBasisPoints: 4000,
      rateWithoutWithdrawnBasisPoints: 5000,
    });
  });
  it('adds up field by field', () => {
    expect(add({ ...NOBODY, registered: 2, open: 2 }, { registered: 1, left: 1, open: 0 })).toEqual({
      registered: 3,
      left: 1,
      open: 2,
    });
  });
});

describe('teams', () => {
  const team = (teamId: string, parentTeamId: string | null = null): TeamNode => ({
    teamId,
    parentTeamId,
    name: teamId.toUpperCase(),
  });
  const teams = [team('b1', 'b'), team('b'), team('a2', 'a'), team('a'), team('a1', 'a'), team('a1x', 'a1')];

  it('are read parents first, by name', () => {
    expect(inReadingOrder(teams).map(({ teamId, depth }) => `${'-'.repeat(depth)}${teamId}`)).toEqual([
      'a',
      '-a1',
      '--a1x',
      '-a2',
      'b',
      '-b1',
    ]);
  });
  it('hold the teams below them', () => {
    expect(withTeamsBelow(teams, 'a').sort()).toEqual(['a', 'a1', 'a1x', 'a2']);
    expect(withTeamsBelow(teams, 'b1')).toEqual(['b1']);
    expect(withTeamsBelow(teams, 'nowhere')).toEqual([]);
  });
});
