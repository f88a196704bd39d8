import { unlessAborted } from './waiting';

describe('waiting unless told to stop', () => {
  const never = new Promise<never>(() => undefined);

  it('gives what the work gives, before the stop and within the grace after it', async () => {
    const stop = new AbortController();
    await expect(unlessAborted(Promise.resolve(1), stop.signal)).resolves.toBe(1);
    await expect(unlessAborted(Promise.reject(new Error('no')), stop.signal)).rejects.toThrow('no');
    stop.abort();
    await expect(unlessAborted(Promise.resolve(2), stop.signal, 60_000)).resolves.toBe(2);
  });

  it('gives up at the stop, or when the grace after it is over', async () => {
    const stop = new AbortController();
    const [atOnce, later] = [unlessAborted(never, stop.signal), unlessAborted(never, stop.signal, 1)];
    stop.abort();
    await expect(atOnce).rejects.toThrow('Given up');
    await expect(later).rejects.toThrow('Given up');
  });

  it('does not let a loop of finished work run on after the stop', async () => {
    const stopped = AbortSignal.abort();
    await expect(unlessAborted(Promise.resolve(1), stopped)).rejects.toThrow('Given up');
  });
});
