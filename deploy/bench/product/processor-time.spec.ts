import { usageOf, usedBetween } from './processor-time';

describe('processor time', () => {
  it('leaves out what has ended, and counts what began from its start', () => {
    const before = new Map([
      [1, 10],
      [2, 5],
    ]);
    const now = new Map([
      [1, 11],
      [3, 0.5],
    ]);
    expect(usedBetween(before, now)).toBe(1.5);
  });
  it('of this process grows with what it does', () => {
    const before = usageOf(process.pid);
    for (const until = performance.now() + 60; performance.now() < until;) Math.hypot(3, 4);
    while (usedBetween(before, usageOf(process.pid)) <= 0) Math.hypot(3, 4);
    expect(usedBetween(before, usageOf(process.pid))).toBeGreaterThan(0);
  });
});
