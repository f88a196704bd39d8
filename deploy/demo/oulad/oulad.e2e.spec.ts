import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeIfAvailable } from '@oppi/testing';
import { type Endpoints, runningEndpoints } from '../../local/endpoints';
import { temporaryFolder } from '../../local/temporary-folder';
import { tokenFor } from '../../local/tokens';
import { clockStart } from './clocks';
import type { Correction } from './correction';
import type { Figures } from './figures';
import { type Loaded, loadOulad } from './load-oulad';
import type { MoneyFigures } from './money-figures';
import { type Progress, silent } from './progress';
import { reportText, shortfallsOf } from './report';
import { smallTables, writeTables } from './small-data-set.fixtures';

const root = resolve(__dirname, '../../..');
const wholeDataSet = resolve(root, process.env['OPPI_OULAD'] ?? '../shared/data/oulad');
const minute = 60_000;

type Counted = Readonly<{
  totals: Record<string, number>;
  figures: Figures;
  money: MoneyFigures;
  time: Loaded['time'];
  corrected: Pick<Correction, 'attainment' | 'commitments' | 'reversals'>;
  oddRows: Record<string, number>;
}>;

/** The figures straight from the files, by a program that shares nothing with the importer. */
const countFromFiles = (folder: string): Counted => {
  const program = join(__dirname, 'count-from-files.mjs');
  return JSON.parse(execFileSync(process.execPath, [program, folder], { encoding: 'utf8' })) as Counted;
};

const isFree = async (port: number): Promise<boolean> => {
  const server = createServer().listen(port, '127.0.0.1');
  const free = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.close();
  return free;
};

const freePortBase = async (): Promise<number> => {
  for (;;) {
    // Below the ports that the system gives to outgoing connections.
    const base = 12_000 + 20 * Math.floor(Math.random() * 1_000);
    const free = await Promise.all(Array.from({ length: 20 }, (_, i) => isFree(base + i)));
    if (free.every(Boolean)) return base;
  }
};

let local: string;
let product: ChildProcess;
let endpoints: Endpoints;
const folders: string[] = [];

/** Starts the product as `npm start` does, on data and ports of its own, before the time of the data. */
const startProduct = async (): Promise<void> => {
  local = temporaryFolder('oulad');
  const settings = { OPPI_LOCAL: local, OPPI_PORT_BASE: String(await freePortBase()) };
  const env = { ...process.env, ...settings, OPPI_CLOCK_STARTS_AT: clockStart };
  product = spawn(process.execPath, ['deploy/local/start.mjs', '--empty'], { cwd: root, env });
  let output = '';
  product.stdout?.on('data', (text) => (output += String(text)));
  product.stderr?.on('data', (text) => (output += String(text)));
  let found: Endpoints | undefined;
  while (!found) {
    if (product.exitCode !== null) throw new Error(`The product did not start: ${output}`);
    await sleep(200);
    found = await runningEndpoints(local);
  }
  endpoints = found;
};

beforeAll(startProduct, 5 * minute);
afterAll(async () => {
  if (product.exitCode === null) {
    product.kill('SIGTERM');
    await once(product, 'exit');
  }
  await Promise.all([local, ...folders].map((folder) => rm(folder, { recursive: true, force: true })));
}, minute);

const load = (folder: string, progress: Partial<Progress> = {}): Promise<Loaded> =>
  loadOulad({
    folder,
    endpoints,
    tokenFor: (role, organisationId) => tokenFor(endpoints, role, { organisationId }),
    progress: { ...silent, ...progress },
  });

/** All that is read back. */
const reportOf = ({ figures, time, billed }: Loaded) => ({ figures, time, billed });

type Rebuilt = Readonly<{ name: string; events: string; rows: string; equal: boolean }>;

const rebuild = async (organisationId: string): Promise<readonly Rebuilt[]> => {
  const token = await tokenFor(endpoints, 'operations', { organisationId });
  const headers = { authorization: `Bearer ${token}`, 'idempotency-key': randomUUID() };
  const path = `reporting/v1/organisations/${organisationId}/read-models/rebuild`;
  const response = await fetch(`${endpoints.api}/${path}`, { method: 'POST', headers });
  if (!response.ok) throw new Error(await response.text());
  return ((await response.json()) as { readModels: Rebuilt[] }).readModels;
};

const anyHash = expect.stringMatching(/^[0-9a-f]{64}$/) as string;

/** What must hold of every data set, large or small. */
const expectAsCounted = (loaded: Loaded, counted: Counted): void => {
  expect(loaded.refusals).toEqual([]);
  expect(shortfallsOf(loaded)).toEqual([]);
  expect(loaded.figures).toEqual(counted.figures);
  expect(loaded.time).toEqual(counted.time);
  expect(loaded.billed?.money).toEqual(counted.money);
  const { documents, ...correction } = loaded.billed?.correction ?? {};
  expect(correction).toMatchObject(counted.corrected);
  // Every issued statement is what it was, to the byte.
  expect(documents).toEqual(
    Object.keys(counted.money.statements).map((period) => ({ period, sha256: anyHash, unchanged: true })),
  );
  const { students, registrations, submissionCount } = loaded.data;
  expect([students.length, registrations.length, submissionCount]).toEqual([
    counted.totals['persons'],
    counted.totals['goals'],
    counted.totals['submissions'],
  ]);
  const oddRows = loaded.data.oddRows.list().map(({ kind, count }) => [kind, count]);
  expect(Object.fromEntries(oddRows)).toEqual(counted.oddRows);
};

describe('a small data set with every odd row', () => {
  let folder: string;
  let loaded: Loaded;
  beforeAll(async () => {
    folder = await writeTables(smallTables());
    folders.push(folder);
    loaded = await load(folder);
  }, 2 * minute);

  it('is reported as counted from the files', () => {
    expectAsCounted(loaded, countFromFiles(folder));
    expect(loaded.sent).toBe(loaded.items);
  });

  it('is corrected in a month after those that were billed', () => {
    expect(loaded.billed?.correction.periods).toEqual(['2014-05']);
  });

  it(
    'is there when it is loaded a second time',
    async () => {
      const again = await load(folder);
      expect(again.sent).toBe(0);
      expect(reportOf(again)).toEqual(reportOf(loaded));
    },
    minute,
  );

  it(
    'is reported the same after a rebuild',
    async () => {
      const readModels = await rebuild(loaded.organisationId);
      expect(readModels.length).toBeGreaterThan(0);
      expect(readModels.filter(({ equal }) => !equal)).toEqual([]);
      expect(reportOf(await load(folder))).toEqual(reportOf(loaded));
    },
    minute,
  );
});

const why = 'the Open University data set is not there; put it into ../shared/data/oulad or name it in OPPI_OULAD';

describeIfAvailable('the Open University data set', existsSync(join(wholeDataSet, 'courses.csv')), why, () => {
  let loaded: Loaded;
  let counted: Counted;
  const notes: string[] = [];

  // The starter notes the processes of its services, and starts again what dies.
  const killServices = (): void => {
    const { children } = JSON.parse(readFileSync(join(local, 'run.json'), 'utf8')) as { children: { pid: number }[] };
    for (const { pid } of children) process.kill(pid, 'SIGKILL');
  };

  beforeAll(async () => {
    counted = countFromFiles(wholeDataSet);
    let killed = false;
    const done = (items: number): void => {
      if (killed || items < 200_000) return;
      killed = true;
      killServices();
    };
    loaded = await load(wholeDataSet, { done, note: (line) => notes.push(line) });
    console.log(reportText(loaded));
  }, 15 * minute);

  it('is reported as counted from the files, though every service was killed on the way', () => {
    expect(notes).not.toEqual([]);
    expectAsCounted(loaded, counted);
  });

  it('comes to the published totals', () => {
    expect(loaded.items).toBe(425_564 + 3 * 22 + 143_422 + 100);
    expect(loaded.figures.attainment['all']).toMatchObject({
      agreed: 32_593,
      attained: 12_361 + 3_024,
      missed: 7_052,
      withdrawn: 10_156,
    });
    expect(loaded.billed?.money.all).toMatchObject({ lines: 15_385, netMinor: 76_771_150 });
    expect(loaded.billed?.correction).toMatchObject({ reversals: { lines: 100, netMinor: -499_000 } });
  });

  it(
    'is reported the same after a rebuild',
    async () => {
      const readModels = await rebuild(loaded.organisationId);
      expect(readModels.filter(({ equal }) => !equal)).toEqual([]);
      const again = await load(wholeDataSet);
      expect(again.sent).toBe(0);
      expect(reportOf(again)).toEqual(reportOf(loaded));
      expectAsCounted(again, counted);
    },
    10 * minute,
  );
});
