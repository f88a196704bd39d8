import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { credentials, Metadata, status } from '@grpc/grpc-js';
import {
  GoalServiceClient,
  type ImportItem,
  ImportRequest,
  type ImportResult,
} from '@oppi/contracts/goal/v1/goal_service';
import { type GoalStage, goalOnStage } from './goal-stage.fixtures';
import { GetCommitment } from './features/commitment/get-commitment.query';
import { GetGoal } from './features/goal-view/get-goal.query';
import { GetPerson } from './features/person-view/get-person.query';
import { RegisterOrganisation } from './features/register-organisation/register-organisation.command';
import { history } from './goal.operations';

let stage: GoalStage;
let client: GoalServiceClient;
let tokens: Awaited<ReturnType<GoalStage['roles']>>;
const organisationId = randomUUID();
const [teamId, personId, goalId, evidenceId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];

beforeAll(async () => {
  stage = await goalOnStage({ IMPORT_MOST_LAG: 40 });
  client = new GoalServiceClient(`127.0.0.1:${stage.service.grpcPort}`, credentials.createInsecure());
  tokens = await stage.roles(organisationId);
  await stage.wires.grpc.call(
    RegisterOrganisation,
    { organisationId, timeZone: 'Europe/London', currency: 'EUR' },
    { token: tokens.operations },
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
  stage.wires.http.call(history.GetImport, { organisationId, importId }, { token: tokens.operations });

const occurredAt = '2013-10-01T00:00:00+01:00';
const setUp: Commands = [
  { defineTeam: { teamId, name: 'AAA' } },
  { addPerson: { personId, externalId: '11391' } },
  { joinTeam: { personId, teamId, occurredAt } },
  {
    proposeGoal: {
      goalId,
      personId,
      teamId,
      statement: 'Pass AAA 2013J',
      dueOn: '2014-06-26',
      criteria: [{ criterionId: 'board' }],
      occurredAt,
    },
  },
  { agreeGoal: { goalId, occurredAt } },
];

describe('importing history', () => {
  it('gives each item its result, in order, a refusal among them, and stops for none', async () => {
    const bad: Commands = [{ joinTeam: { personId: randomUUID(), teamId, occurredAt } }];
    expect(outcomes(await send(tokens.operations, 'import-set-up', 0, [...setUp, ...bad]))).toEqual([
      ...Array<string>(5).fill('accepted'),
      'person-unknown',
    ]);
    expect(await progress('import-set-up')).toMatchObject({
      nextIndex: '6',
      accepted: '5',
      refused: '1',
      refusals: [{ index: '5', code: 'person-unknown' }],
    });
    const person = await stage.wires.grpc.call(GetPerson, { organisationId, personId }, { token: tokens.operations });
    expect(person).toMatchObject({ externalId: '11391', memberships: [{ teamId, fromOn: '2013-10-01' }] });
  });

  it('lets a client manager and a board date back, each only what the role may do', async () => {
    expect(outcomes(await send(tokens.manager, 'import-agree', 0, [{ agreeGoal: { goalId, occurredAt } }]))).toEqual([
      'accepted',
    ]);
    const end = '2014-06-26T23:00:00Z'; // 24:00 of 26 June in London
    const submit: Commands = [{ submitEvidence: { goalId, evidenceId, kind: 'board-result', occurredAt: end } }];
    expect(outcomes(await send(tokens.operations, 'import-results', 0, submit))).toEqual(['accepted']);
    const accept: Commands = [{ acceptEvidence: { goalId, evidenceId, criterionIds: ['board'], occurredAt: end } }];
    expect(outcomes(await send(tokens.operations, 'import-own-word', 0, accept))).toEqual(['role-not-allowed']);
    expect(outcomes(await send(tokens.verifier, 'import-board', 0, accept))).toEqual(['accepted']);
    const goal = await stage.wires.http.call(GetGoal, { organisationId, goalId }, { token: tokens.operations });
    expect(goal).toMatchObject({
      status: 'attained',
      agreedOn: '2013-10-01',
      outcomeOn: '2014-06-27',
      dueOn: '2014-06-26',
    });
  });

  it('A1 A2: takes a commitment of history with days of its own, and the activity that was done before it', async () => {
    const [goal, commitmentId] = [randomUUID(), randomUUID()];
    const activity = { activityId: 'read', kind: 'reading', estimatedMinutes: 90 };
    const terms = { goalId: goal, personId, teamId, statement: 'Pass AAA 2013J again', dueOn: '2014-06-26' };
    const promise = { name: 'AAA 2013J', goalIds: [goal], threshold: 1, dueOn: '2014-06-26', priceMinor: '4990' };
    const provider: Commands = [
      { proposeGoal: { ...terms, criteria: [{ criterionId: 'board' }], activities: [activity], occurredAt } },
      { agreeGoal: { goalId: goal, occurredAt } },
      { proposeCommitment: { commitmentId, ...promise, vatRateBasisPoints: 2_550 } },
      { agreeCommitment: { commitmentId, occurredAt: '2013-10-02T00:00:00+01:00' } },
    ];
    const sponsor: Commands = [
      { agreeGoal: { goalId: goal, occurredAt } },
      { agreeCommitment: { commitmentId, occurredAt } },
    ];
    const done: Commands = [
      { completeActivity: { goalId: goal, activityId: 'read', occurredAt: '2013-11-05T12:00:00Z' } },
    ];
    const all = async (token: string, id: string, items: Commands) => outcomes(await send(token, id, 0, items));
    expect(await all(tokens.operations, 'import-promise', provider)).toEqual(Array<string>(4).fill('accepted'));
    expect(await all(tokens.sponsor, 'import-sponsor', sponsor)).toEqual(Array<string>(2).fill('accepted'));
    expect(await all(tokens.operations, 'import-activity', done)).toEqual(['accepted']);
    const read = { token: tokens.operations };
    const view = await stage.wires.http.call(GetGoal, { organisationId, goalId: goal }, read);
    expect(view).toMatchObject({ status: 'agreed', commitmentId, activities: [{ ...activity, doneOn: '2013-11-05' }] });
    const commitment = await stage.wires.http.call(GetCommitment, { organisationId, commitmentId }, read);
    expect(commitment).toMatchObject({ status: 'agreed', agreedOn: '2013-10-02', priceMinor: '4990' });
  });

  it('answers a run that is sent again without doing it again, and counts it once', async () => {
    const before = await stage.database.pool.query('select count(*) from events');
    expect(outcomes(await send(tokens.operations, 'import-set-up', 0, setUp))).toEqual(
      Array<string>(5).fill('replayed'),
    );
    expect(await stage.database.pool.query('select count(*) from events')).toMatchObject({ rows: before.rows });
    expect(await progress('import-set-up')).toMatchObject({ nextIndex: '6', accepted: '5', replayed: '0' });
  });

  it('goes on in the middle of a run that was answered in part', async () => {
    const more: Commands = [
      ...setUp.slice(3),
      { joinTeam: { personId: randomUUID(), teamId, occurredAt } },
      { addPerson: { personId: randomUUID() } },
    ];
    await send(tokens.operations, 'import-set-up', 3, more);
    expect(await progress('import-set-up')).toMatchObject({ nextIndex: '7', accepted: '6', refused: '1' });
  });

  it('refuses a run with a gap before it, and malformed ones', async () => {
    const details = async (call: Promise<unknown>): Promise<string> =>
      call.then(
        () => 'nothing',
        (error: unknown) => (error as { details: string }).details,
      );
    expect(await details(send(tokens.operations, 'import-set-up', 100, setUp))).toContain('import-gap');
    expect(await details(send(tokens.operations, 'short', 0, setUp))).toContain('import-malformed');
    expect(await details(send(tokens.operations, 'import-empty', 0, []))).toContain('import-malformed');
    expect(await details(send(tokens.operations, 'import-nothing', 0, [{}]))).toContain('import-malformed');
    expect(await details(send(tokens.billing, 'import-billing', 0, setUp))).toContain('role-not-allowed');
    await expect(progress('import-billing')).rejects.toMatchObject({ problem: 'import-not-found' });
  });

  it("takes nothing for another organisation's client", async () => {
    const stranger = await stage.roles(randomUUID());
    const call = send(stranger.manager, 'import-strange', 0, [{ agreeGoal: { goalId } }]);
    await expect(call).rejects.toMatchObject({ details: expect.stringContaining('not-found') as string });
    await expect(progress('import-strange')).rejects.toMatchObject({ problem: 'import-not-found' });
  });

  it('takes runs in their order, however many come at once', async () => {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${tokens.operations}`);
    const stream = client.import(metadata);
    const answered: string[] = [];
    const ended = new Promise<unknown>((resolve) => stream.on('error', resolve).on('end', resolve));
    stream.on('data', ({ firstIndex }: { firstIndex: string }) => answered.push(firstIndex));
    const indexes = Array.from({ length: 40 }, (_, i) => String(5 * i));
    for (const firstIndex of indexes) {
      const items = Array.from({ length: 5 }, () => ({ addPerson: { personId: randomUUID() } }));
      stream.write(ImportRequest.fromPartial({ organisationId, importId: 'import-at-once', firstIndex, items }));
    }
    stream.end();
    expect(await ended).toBeUndefined();
    expect(answered).toEqual(indexes);
  });

  it('takes an unknown date as unknown', async () => {
    const [undated, undatedGoal] = [randomUUID(), randomUUID()];
    const goal = {
      goalId: undatedGoal,
      personId: undated,
      teamId,
      statement: 'x',
      dueOn: '2014-06-26',
      criteria: [{ criterionId: 'board' }],
    };
    const items: Commands = [
      { addPerson: { personId: undated } },
      { joinTeam: { personId: undated, teamId, dateUnknown: true } },
      { proposeGoal: { ...goal, dateUnknown: true } },
      { agreeGoal: { goalId: undatedGoal, dateUnknown: true } },
    ];
    expect(outcomes(await send(tokens.operations, 'import-undated', 0, items))).toEqual(
      Array<string>(4).fill('accepted'),
    );
    await send(tokens.manager, 'import-undated-agree', 0, [{ agreeGoal: { goalId: undatedGoal, dateUnknown: true } }]);
    const read = await stage.wires.http.call(
      GetGoal,
      { organisationId, goalId: undatedGoal },
      { token: tokens.operations },
    );
    expect(read.status).toBe('agreed');
    expect(read.agreedOn).toBeUndefined();
  });

  it('is held up while the relay lags, and goes on when it has caught up', async () => {
    const blocker = await stage.bus.pool.connect();
    await blocker.query('begin; lock table bus_records in access exclusive mode');
    const people = (n: number): Commands =>
      Array.from({ length: n }, () => ({ addPerson: { personId: randomUUID() } }));
    await send(tokens.operations, 'import-pile-up', 0, people(100));
    let held = true;
    const later = send(tokens.operations, 'import-pile-up', 100, people(10)).finally(() => {
      held = false;
    });
    await pause(1_500);
    expect([held, (await progress('import-pile-up')).nextIndex]).toEqual([true, '100']);
    await blocker.query('rollback');
    blocker.release();
    expect(outcomes(await later)).toEqual(Array<string>(10).fill('accepted'));
  });
});

it('OPS-06: a service that stops ends open imports at once, as unavailable, and what was answered is kept', async () => {
  const stopping = await goalOnStage();
  const organisation = randomUUID();
  const { operations } = await stopping.roles(organisation);
  await stopping.wires.http.call(
    RegisterOrganisation,
    { organisationId: organisation, timeZone: 'UTC', currency: 'EUR' },
    { token: operations },
  );
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${operations}`);
  const importer = new GoalServiceClient(`127.0.0.1:${stopping.service.grpcPort}`, credentials.createInsecure());
  const stream = importer.import(metadata);
  const ended = new Promise<{ code: number; details: string }>((resolve) => stream.on('error', resolve as never));
  const answered = new Promise((resolve) => stream.once('data', resolve));
  const items: Commands = Array.from({ length: 50 }, () => ({ addPerson: { personId: randomUUID() } }));
  stream.write(
    ImportRequest.fromPartial({ organisationId: organisation, importId: 'import-stopped', firstIndex: '0', items }),
  );
  await answered;
  stream.write(
    ImportRequest.fromPartial({ organisationId: organisation, importId: 'import-stopped', firstIndex: '50', items }),
  );
  const stop = stopping.service.stop();
  expect(await ended).toMatchObject({
    code: status.UNAVAILABLE,
    details: expect.stringContaining('draining') as string,
  });
  await stop;
  importer.close();
  const { rows } = await stopping.database.pool.query<{ next_index: string }>('select next_index from imports');
  expect(Number(rows[0]?.next_index)).toBeGreaterThanOrEqual(50);
  await stopping.leave();
});
