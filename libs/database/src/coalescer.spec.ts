import { setImmediate as turn } from 'node:timers/promises';
import { Coalescer } from './coalescer';

/** Calls that end when the test says so. */
const stage = (most: number) => {
  const calls: { requests: string[]; end: () => void; fail: (error: Error) => void }[] = [];
  const coalescer = new Coalescer<string, string>({
    run: (requests) =>
      new Promise((resolve, reject) => {
        calls.push({ requests, end: () => resolve(requests.map((request) => `${request}!`)), fail: reject });
      }),
    claims: (request) => [request.slice(0, 1)], // its first letter is what it wants to have alone
    most,
    concurrency: 2,
  });
  const requestsOf = (): string[][] => calls.map(({ requests }) => requests);
  return { calls, coalescer, requestsOf };
};
const settled = async (): Promise<void> => {
  for (let i = 0; i < 4; i += 1) await turn();
};

describe('group commit', () => {
  it('sends what is submitted in one turn together, and answers each its own', async () => {
    const { calls, coalescer, requestsOf } = stage(10);
    const answers = Promise.all(['a', 'b', 'c'].map((request) => coalescer.submit(request)));
    await settled();
    expect(requestsOf()).toEqual([['a', 'b', 'c']]);
    calls[0]?.end();
    expect(await answers).toEqual(['a!', 'b!', 'c!']);
  });

  it('sends what did not fit while the first call is under way, but no third call', async () => {
    const { calls, coalescer, requestsOf } = stage(2);
    const answers = Promise.all(['a', 'b', 'c', 'd', 'e'].map((request) => coalescer.submit(request)));
    await settled();
    expect(requestsOf()).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    calls[1]?.end();
    await settled();
    expect(requestsOf()[2]).toEqual(['e']);
    calls.forEach(({ end }) => end());
    expect(await answers).toEqual(['a!', 'b!', 'c!', 'd!', 'e!']);
  });

  it('keeps a claim until the call that holds it has ended, and lets others pass', async () => {
    const { calls, coalescer, requestsOf } = stage(10);
    const first = coalescer.submit('a1');
    await settled();
    const later = Promise.all(['a2', 'b1', 'a3'].map((request) => coalescer.submit(request)));
    await settled();
    expect(requestsOf()).toEqual([['a1'], ['b1']]);
    calls[0]?.end();
    await first;
    await settled();
    expect(requestsOf()[2]).toEqual(['a2']);
    calls.forEach(({ end }) => end());
    await settled();
    calls[3]?.end();
    expect(await later).toEqual(['a2!', 'b1!', 'a3!']);
    expect(requestsOf()).toEqual([['a1'], ['b1'], ['a2'], ['a3']]);
  });

  it('gives a claim back when its call failed', async () => {
    const { calls, coalescer, requestsOf } = stage(10);
    const failed = coalescer.submit('a1');
    const rejection = expect(failed).rejects.toThrow('broken');
    await settled();
    const next = coalescer.submit('a2');
    calls[0]?.fail(new Error('broken'));
    await rejection;
    await settled();
    calls[1]?.end();
    expect(await next).toBe('a2!');
    expect(requestsOf()).toEqual([['a1'], ['a2']]);
  });
});
