import { currentTrace, inTrace, startTrace, traceparentOf } from './trace';

const PARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('a trace', () => {
  it("goes on in the caller's, with a span of its own", () => {
    const trace = startTrace(PARENT);
    expect(trace).toMatchObject({ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', flags: '01' });
    expect(trace.spanId).not.toBe('00f067aa0ba902b7');
    expect(traceparentOf(trace)).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/);
  });

  it.each([
    undefined,
    '',
    'nonsense',
    PARENT.toUpperCase(),
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`,
    `ff${PARENT.slice(2)}`,
  ])('is new after %p', (traceparent) => {
    expect(startTrace(traceparent).traceId).toMatch(/^(?!4bf9)(?!0{32})[0-9a-f]{32}$/);
  });

  it('is known to what runs inside, also later', async () => {
    const trace = startTrace();
    const seen = await inTrace(trace, async () => {
      await new Promise(setImmediate);
      return currentTrace();
    });
    expect([seen, currentTrace()]).toEqual([trace, undefined]);
  });
});
