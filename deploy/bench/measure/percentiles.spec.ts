import { median, medianRound, percentile, summarise } from './percentiles';

const oneToHundred = Array.from({ length: 100 }, (_, i) => i + 1);

describe('a percentile', () => {
  it.each([
    [0.5, 50],
    [0.95, 95],
    [0.99, 99],
    [1, 100],
    [0, 1],
  ])('%p of one to a hundred is %p', (share, value) => {
    expect(percentile(oneToHundred, share)).toBe(value);
  });
  it('is a value that was measured, also of few', () => {
    expect([percentile([7], 0.5), percentile([7, 9], 0.99), percentile([7, 9], 0.5)]).toEqual([7, 9, 7]);
  });
  it('is none of nothing', () => {
    expect(() => percentile([], 0.5)).toThrow('Nothing was measured');
  });
});

describe('a summary', () => {
  it('sorts by number, and counts per second', () => {
    const shuffled = [100, 9, ...oneToHundred.filter((n) => n !== 9 && n !== 100)];
    expect(summarise(shuffled, 4)).toEqual({ count: 100, perSecond: 25, p50: 50, p95: 95, p99: 99, most: 100 });
  });
});

describe('the median', () => {
  it('does not change what it is asked about', () => {
    const values = [3, 1, 2];
    expect([median(values), values]).toEqual([2, [3, 1, 2]]);
  });
  it('of an even number of values is one of them', () => {
    expect(median([4, 1, 3, 2])).toBe(2);
  });
  it('round keeps its own times, not the median of each', () => {
    const round = (perSecond: number, p99: number) => ({ count: 1, perSecond, p50: 1, p95: 1, p99, most: 9 });
    expect(medianRound([round(10, 5), round(30, 3), round(20, 50)])).toEqual(round(20, 50));
  });
});
