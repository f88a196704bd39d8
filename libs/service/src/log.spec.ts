import { nestLog, openLog } from './log';
import { inTrace, startTrace } from './trace';

const capture = () => {
  const lines: Record<string, unknown>[] = [];
  const log = openLog('goal', 'debug', { write: (line: string) => void lines.push(JSON.parse(line) as never) });
  return { log, lines };
};

describe('the log', () => {
  it('keeps numbers, flags and text it knows, and drops the rest', () => {
    const { log, lines } = capture();
    log.info(
      { operation: 'AgreeGoal', duration_ms: 3, replayed: true, email: 'matti@example.com', body: { a: 1 } },
      'request',
    );
    expect(lines[0]).toMatchObject({
      level: 'info',
      service: 'goal',
      operation: 'AgreeGoal',
      duration_ms: 3,
      replayed: true,
    });
    expect(JSON.stringify(lines)).not.toMatch(/matti|body/);
    expect(lines[0]?.['time']).toMatch(/^\d{4}-\d{2}-\d{2}T.*Z$/);
  });

  it('names the trace it was written in', () => {
    const { log, lines } = capture();
    const trace = startTrace();
    inTrace(trace, () => log.info({}, 'inside'));
    expect(lines[0]).toMatchObject({ trace_id: trace.traceId, request_id: trace.spanId });
  });

  it('tells where an error came from, without the values that a database repeats', () => {
    const { log, lines } = capture();
    const error = Object.assign(new Error('invalid input syntax for type uuid: "matti"'), {
      name: 'error',
      code: '22P02',
      routine: 'string_to_uuid',
      detail: 'Key (email)=(matti) exists.',
    });
    log.error({ err: error }, 'request failed');
    expect(lines[0]?.['error']).toMatchObject({ code: '22P02', routine: 'string_to_uuid' });
    expect(JSON.stringify(lines)).not.toContain('matti');
  });

  it('keeps the message of our own errors, on one line', () => {
    const { log, lines } = capture();
    log.error(new TypeError('cannot read x\r\n{"level":"fatal"}'));
    expect(lines).toHaveLength(1);
    expect(lines[0]?.['error']).toMatchObject({ name: 'TypeError', message: 'cannot read x\r\n{"level":"fatal"}' });
  });

  it("takes the framework's messages, its chatter at debug", () => {
    const { log, lines } = capture();
    const nest = nestLog(log);
    nest.log('Mapped {/livez, GET} route', 'RouterExplorer');
    nest.error(new Error('no'), 'ExceptionsHandler');
    expect(lines).toMatchObject([
      { level: 'debug', context: 'RouterExplorer' },
      { level: 'error', context: 'ExceptionsHandler' },
    ]);
  });
});
