import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Summary, summarise } from '../measure/percentiles';
import { CONNECTIONS } from './contender';
import { eventOf, EVENT_TIME, metaOf } from './workload';

const DEBIAN = '/usr/lib/postgresql';

const newestOf = (folder: string): string | undefined =>
  existsSync(folder)
    ? readdirSync(folder)
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => join(folder, version, 'bin', 'pgbench'))
        .find(existsSync)
    : undefined;

const answers = (program: string): boolean => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** Where pgbench is; throws with what to install when it is nowhere. Debian's own name on the path is a Perl wrapper. */
export const findPgbench = (): string => {
  const found = newestOf(DEBIAN) ?? (answers('pgbench') ? 'pgbench' : undefined);
  if (found) return found;
  throw new Error(
    `The reference needs pgbench, which is neither on the path nor below ${DEBIAN}: install postgresql-contrib (Debian: apt-get install postgresql-contrib).`,
  );
};

export const pgbenchVersion = (program: string): string =>
  execFileSync(program, ['--version'], { encoding: 'utf8' }).trim();

/** The table of the reference: every column of ours, with a primary key and nothing else. */
export const REFERENCE_TABLE = `
  create table reference (
    position        bigint generated always as identity primary key,
    organisation_id uuid not null, stream_id text not null, version integer not null, event_id uuid not null,
    type text not null, schema_version smallint not null default 1, data jsonb not null, command_id text not null,
    meta jsonb not null, occurred_at timestamptz not null, recorded_at timestamptz not null)`;

/** What pgbench sends as parameters: the payload that everyone writes. */
export const referenceValues = (): Readonly<Record<string, string>> => {
  const goalId = '0c000000-0000-4000-8000-000000000001';
  const commandId = '0d000000-0000-4000-8000-000000000001';
  const { type, data } = eventOf({ goalId, version: 5 });
  return {
    organisation: '0a000000-0000-4000-8000-000000000001',
    stream: `goal-${goalId}`,
    version: '5',
    type,
    data: JSON.stringify(data),
    command: commandId,
    meta: JSON.stringify(metaOf({ commandId })),
    occurred: EVENT_TIME,
    recorded: EVENT_TIME,
  };
};

const SCRIPT = `insert into reference (organisation_id, stream_id, version, event_id, type, data, command_id, meta, occurred_at, recorded_at)
 values (:organisation, :stream, :version, gen_random_uuid(), :type, :data, :command, :meta, :occurred, :recorded);
`;

const transactionTimes = (folder: string): number[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith('times.'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
    .map((line) => Number(line.split(' ')[2]) / 1_000);

/** Runs pgbench: 32 clients, one insert per transaction, prepared. */
export const runPgbench = async (program: string, url: string, seconds: number): Promise<Summary> => {
  const folder = mkdtempSync(join(tmpdir(), 'oppi-pgbench-'));
  try {
    const script = join(folder, 'insert.sql');
    writeFileSync(script, SCRIPT);
    const values = Object.entries(referenceValues()).map(([name, value]) => `--define=${name}=${value}`);
    const { hostname, port, username, password, pathname } = new URL(url);
    const clients = ['--client', String(CONNECTIONS), '--jobs', '2', '--protocol', 'prepared'];
    // pgbench takes whole seconds only; of each transaction it logs the time, from which ours come as for the others.
    const length = [
      '--time',
      String(Math.max(1, Math.round(seconds))),
      '--log',
      `--log-prefix=${join(folder, 'times')}`,
    ];
    const where = ['--host', hostname, '--port', port, '--username', username];
    await promisify(execFile)(
      program,
      ['--no-vacuum', '--file', script, ...values, ...clients, ...length, ...where, pathname.slice(1)],
      {
        env: { ...process.env, PGPASSWORD: password },
      },
    );
    return summarise(transactionTimes(folder), Math.max(1, Math.round(seconds)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
