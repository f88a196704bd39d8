import type { Fault } from './faults';
import { planOf } from './plan';
import { Random } from './random';

const faults = ['a', 'b', 'c', 'd'].map((name): Fault => ({ name, title: name, inject: () => Promise.resolve('') }));
const plan = (seed: number, durationMs: number) => planOf(faults, { durationMs }, new Random(seed));

describe('the plan of a run', () => {
  it('is the same for the same seed', () => {
    expect(plan(5, 30_000)).toEqual(plan(5, 30_000));
    expect(plan(5, 30_000)).not.toEqual(plan(6, 30_000));
  });
  it('has every fault once before any comes again', () => {
    const names = plan(5, 60_000).map(({ fault }) => fault.name);
    for (let round = 0; round + 4 <= names.length; round += 4)
      expect(names.slice(round, round + 4).sort()).toEqual(['a', 'b', 'c', 'd']);
  });
  it('ends with its time, and is empty without faults', () => {
    expect(plan(5, 10_000).every(({ at }) => at < 10_000)).toBe(true);
    expect(planOf([], { durationMs: 10_000 }, new Random(1))).toEqual([]);
  });
});
