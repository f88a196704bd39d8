import { setTimeout as pause } from 'node:timers/promises';
import { runCallers } from './callers';

describe('callers', () => {
  it('wait for their answer, each on its own', async () => {
    const underWay = [0, 0, 0];
    const seen: number[] = [];
    await runCallers({ callers: 3, warmUpSeconds: 0, seconds: 0.05 }, async (caller) => {
      underWay[caller] = (underWay[caller] ?? 0) + 1;
      seen.push(underWay[caller]);
      await pause(1);
      underWay[caller] -= 1;
    });
    expect(new Set(seen)).toEqual(new Set([1]));
  });
  it('end after so many calls', async () => {
    const { count } = await runCallers({ callers: 1, warmUpSeconds: 0, seconds: 20, most: 5 }, () => pause(1));
    expect(count).toBe(5);
  });
  it('do not count what ended before the measured time', async () => {
    let calls = 0;
    const load = { callers: 1, warmUpSeconds: 0.05, seconds: 20, most: 1 };
    const { count } = await runCallers(load, async () => {
      calls += 1;
      await pause(10);
    });
    expect(count).toBe(1);
    expect(calls).toBeGreaterThan(1);
  });
  it('are waited for until one call has ended, and then the rate is that of the time it took', async () => {
    const { count, perSecond, most } = await runCallers({ callers: 1, warmUpSeconds: 0, seconds: 0.001 }, () =>
      pause(60),
    );
    expect(count).toBe(1);
    expect(perSecond).toBeCloseTo(1_000 / most, 0);
  });
  it('fail when a call fails', async () => {
    const failing = () => Promise.reject(new Error('refused'));
    await expect(runCallers({ callers: 2, warmUpSeconds: 0, seconds: 1 }, failing)).rejects.toThrow('refused');
  });
});
