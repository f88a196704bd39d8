import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordsOf } from './facts';
import { type Entry, OperationLog, readOperationLog } from './operation-log';

const call = (n: number): Entry => ({
  entry: 'call',
  n,
  at: n,
  service: 'goal',
  rpc: 'AgreeGoal',
  organisationId: 'o',
  key: `key-${n}`,
  wire: 'rest',
  process: 'goal.1',
  input: {},
});
const answer = (n: number): Entry => ({ entry: 'answer', n, at: n, outcome: 'ok' });

describe('the operation log', () => {
  let folder: string;
  let log: OperationLog;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'oppi-operations-'));
    log = new OperationLog(join(folder, 'operations.jsonl'));
  });
  afterEach(async () => {
    await log.close();
    rmSync(folder, { recursive: true });
  });

  it('has an entry on the disk when adding it resolves', async () => {
    await log.add(call(1));
    expect(readFileSync(log.path, 'utf8')).toContain('"key-1"');
  });
  it('keeps all that many callers add at once, each once', async () => {
    await Promise.all(Array.from({ length: 200 }, (_, n) => log.add(call(n))));
    expect(readOperationLog(log.path).map((entry) => (entry.entry === 'call' ? entry.n : -1))).toEqual(
      Array.from({ length: 200 }, (_, n) => n),
    );
  });
  it('tells a call without an answer from one that was answered', async () => {
    for (const entry of [call(1), call(2), answer(2)]) await log.add(entry);
    expect(recordsOf(readOperationLog(log.path)).map((record) => record.answer?.outcome)).toEqual([undefined, 'ok']);
  });
});
