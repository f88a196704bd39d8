import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { credentials, Metadata } from '@grpc/grpc-js';
import {
  type ImportItem,
  ImportRequest,
  type ImportResult,
  TimeAllocationServiceClient,
} from '@oppi/contracts/time_allocation/v1/time_allocation_service';
import { eventually, type TimeAllocationStage, timeAllocationOnStage } from './time-allocation-stage.fixtures';
import { GetAllowance } from './features/allowance/get-allowance.query';
import { GetTimeLog } from './features/time-log/get-time-log.query';
import { history as door } from './time-allocation.operations';

let stage: TimeAllocationStage;
let client: TimeAllocationServiceClient;
let tokens: Awaited<ReturnType<TimeAllocationStage['roles']>>;
const organisationId = randomUUID();
const [personId, goalId] = [randomUUID(), randomUUID()];

beforeAll(async () => {
  stage = await timeAllocationOnStage({ IMPORT_MOST_LAG: 40, IMPORT_MOST_WAIT_MS: 1_000 });
  client = new TimeAllocationServiceClient(`127.0.0.1:${stage.service.grpcPort}`, credentials.createInsecure());
  tokens = await stage.roles(organisationId);
  const { goal } = stage;
  await goal.publish(
    goal.organisation(organisationId, 'Europe/London'),
    goal.person(organisationId, personId),
    goal.goal(organisationId, goalId, personId, '2014-06-26'),
  );
});
afterAll(async () => {
  client.close();
  await stage.leave();
});

type Commands = { [Command in keyof ImportItem]?: Partial<ImportItem[Command]> }[];

/** Sends one run on a stream of its own and gives its results; rejects with what ended the stream. */
const send = (token: string, importId: string, firstIndex: number, commands: Commands): Promise<ImportResult[]> =>
  new Promise((resolve, reject) => {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    const stream = client.import(metadata);
    const results: ImportResult[] = [];
    stream.on('data', (response: { results: ImportResult[] }) => results.push(...response.results));
    stream.on('end', () => resolve(results));
    stream.on('error', reject);
    const run = { organisationId, importId, firstIndex: String(firstIndex), items: commands };
    stream.write(ImportRequest.fromPartial(run));
    stream.end();
  });
const outcomes = (results: ImportResult[]): string[] => results.map(({ outcome, code }) => code ?? outcome);
const progress = (importId: string) =>
  stage.wires.http.call(door.GetImport, { organisationId, importId }, { token: tokens.operations });
const entry = (on: string, minutes: number, more: object = {}): Commands[number] => ({
  logTime: { personId, on, entryId: randomUUID(), goalId, minutes, ...more },
});

const history: Commands = [
  { grantTime: { personId, minutesPerWeek: 120, effectiveOn: '2013-09-30' } },
  { planTime: { goalId, neededMinutes: 3_000, occurredAt: '2013-10-01T00:00:00+01:00' } },
  entry('2013-09-12', 8), // before the first day: it counts
  entry('2013-10-01', 600),
  entry('2013-10-01', 841),
  entry('2014-02-28', 1),
];

describe('importing history', () => {
  it('waits for what goal has not told yet, gives each item its result, in order, and stops for none', async () => {
    expect(outcomes(await send(tokens.integration, 'import-history', 0, history))).toEqual([
      'accepted',
      'accepted',
      'accepted',
      'accepted',
      'day-is-full',
      'accepted',
    ]);
  });

  it('T6 T12: keeps what it accepted, dated as it was', async () => {
    const allowance = await stage.wires.grpc.call(
      GetAllowance,
      { organisationId, personId },
      { token: tokens.operations },
    );
    expect(allowance).toMatchObject({
      grants: [{ minutesPerWeek: 120, effectiveOn: '2013-09-30' }],
      plans: [{ goalId, neededMinutes: 3_000, plannedOn: '2013-10-01', dueOn: '2014-06-26', short: false }],
    });
    const log = await stage.wires.grpc.call(
      GetTimeLog,
      { organisationId, personId, month: '2013-09' },
      { token: tokens.operations },
    );
    expect(log.entries).toMatchObject([{ on: '2013-09-12', minutes: 8, status: 'pending' }]);
    expect(await progress('import-history')).toMatchObject({
      nextIndex: '6',
      accepted: '5',
      refused: '1',
      refusals: [{ index: '4', code: 'day-is-full' }],
    });
  });

  it('answers a run that is sent again without doing it again, and counts it once', async () => {
    const before = await stage.database.pool.query('select count(*) from events');
    expect(outcomes(await send(tokens.integration, 'import-history', 0, history.slice(0, 4)))).toEqual(
      Array<string>(4).fill('replayed'),
    );
    expect(await stage.database.pool.query('select count(*) from events')).toMatchObject({ rows: before.rows });
    expect(await progress('import-history')).toMatchObject({ nextIndex: '6', accepted: '5', replayed: '0' });
  });

  it('lets an item wait until goal tells of its person, and refuses it when it does not', async () => {
    const late = randomUUID();
    const grant = (person: string): Commands => [
      { grantTime: { personId: person, minutesPerWeek: 60, effectiveOn: '2013-09-30' } },
    ];
    const waiting = send(tokens.operations, 'import-late-person', 0, grant(late));
    await pause(300);
    await stage.goal.publish(stage.goal.person(organisationId, late));
    expect(outcomes(await waiting)).toEqual(['accepted']);
    const never = await send(tokens.operations, 'import-no-person', 0, [...grant(randomUUID()), ...grant(late)]);
    expect(outcomes(never)).toEqual(['person-unknown-yet', 'accepted']);
  });

  it('refuses a run with a gap before it, malformed ones, and roles that bring no history', async () => {
    const details = async (call: Promise<unknown>): Promise<string> =>
      call.then(
        () => 'nothing',
        (error: unknown) => (error as { details: string }).details,
      );
    const before = await stage.database.pool.query('select count(*) from events');
    const unheard = [entry('2014-01-05', 1)];
    expect(await details(send(tokens.operations, 'import-history', 100, unheard))).toContain('import-gap');
    expect(await stage.database.pool.query('select count(*) from events')).toMatchObject({ rows: before.rows });
    expect(await details(send(tokens.operations, 'short', 0, history))).toContain('import-malformed');
    expect(await details(send(tokens.operations, 'import-empty', 0, []))).toContain('import-malformed');
    expect(await details(send(tokens.operations, 'import-nothing', 0, [{}]))).toContain('import-malformed');
    expect(await details(send(tokens.billing, 'import-billing', 0, history))).toContain('role-not-allowed');
  });

  it('is held up while the relay lags, and goes on when it has caught up', async () => {
    const blocker = await stage.busDatabase.pool.connect();
    await blocker.query('begin; lock table bus_records in access exclusive mode');
    const many = (n: number): Commands => Array.from({ length: n }, () => entry('2014-03-03', 1));
    await send(tokens.operations, 'import-pile-up', 0, many(100));
    let held = true;
    const later = send(tokens.operations, 'import-pile-up', 100, many(10)).finally(() => {
      held = false;
    });
    await pause(1_000);
    expect([held, (await progress('import-pile-up')).nextIndex]).toEqual([true, '100']);
    await blocker.query('rollback');
    blocker.release();
    expect(outcomes(await later)).toEqual(Array<string>(10).fill('accepted'));
    await eventually(() => {
      expect(stage.heard.length).toBeGreaterThan(110);
    });
  });
});
