import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as goal from '@oppi/contracts/goal/v1/goal_events';
import type { Recorded } from '@oppi/event-sourcing';
import { ListParkedMessages, RedriveParkedMessages } from '@oppi/intake';
import { busMigrations, PgLogBus, toMessages } from '@oppi/messaging';
import type { OutputOf, RunningService } from '@oppi/service';
import { bothWires, contractProblems, type TestIssuer, testIssuer, type Wire } from '@oppi/service/testing';
import { freshDatabase, type FreshDatabase } from '@oppi/testing';
import { ExplainAttainment } from './features/explain-attainment/explain-attainment.query';
import { GetAttainment } from './features/attainment/get-attainment.query';
import { GetAttainmentReport } from './features/attainment-report/get-attainment-report.query';
import { GetParticipation } from './features/participation/get-participation.query';
import { RebuildReadModels } from './features/rebuild-read-models/rebuild-read-models.command';
import { reportingMigrations } from './infrastructure/migrations';
import { startReporting } from './reporting.module';
import { reportingOperations } from './reporting.operations';

const organisationId = randomUUID();
const [parent, team] = [randomUUID(), randomUUID()];
const [anna, bert] = [randomUUID(), randomUUID()];
const goals = Array.from({ length: 4 }, () => randomUUID()) as [string, string, string, string];

let database: FreshDatabase;
let log: FreshDatabase;
let issuer: TestIssuer;
let folder: string;
let service: RunningService;
let wires: ReturnType<typeof bothWires>;
let tokens: { operations: string; sponsor: string; anna: string; stranger: string };

/** Facts as goal publishes them: a position each, recorded an hour apart from 1 May 2026 on. */
const publish = async (bus: PgLogBus): Promise<void> => {
  let position = 0n;
  const say = async (subject: string, type: string, value: Uint8Array): Promise<void> => {
    position += 1n;
    const at = new Date(Date.parse('2026-05-01T00:00:00Z') + Number(position) * 3_600_000).toISOString();
    const event = {
      organisationId,
      position,
      streamId: subject,
      version: Number(position),
      eventId: randomUUID(),
      actor: { id: randomUUID(), role: 'operations' },
      occurredAt: at,
      recordedAt: at,
      correlationId: 'c',
    } as Recorded;
    await bus.publish('goal.events.v1', toMessages('goal', event, [{ type: `goal.v1.${type}`, value }]));
  };
  const { OrganisationRegistered, TeamDefined, PersonJoinedTeam, PersonLeftTeam } = goal;
  await say(
    'organisation',
    'OrganisationRegistered',
    OrganisationRegistered.encode({ organisationId, timeZone: 'UTC', currency: 'EUR' }).finish(),
  );
  await say('team', 'TeamDefined', TeamDefined.encode({ teamId: parent, name: 'Parent' }).finish());
  await say('team', 'TeamDefined', TeamDefined.encode({ teamId: team, name: 'Team', parentTeamId: parent }).finish());
  for (const personId of [anna, bert])
    await say(
      `person-${personId}`,
      'PersonJoinedTeam',
      PersonJoinedTeam.encode({ personId, teamId: team, membershipNo: 1, effectiveOn: '2026-01-10' }).finish(),
    );
  await say(
    `person-${bert}`,
    'PersonLeftTeam',
    PersonLeftTeam.encode({ personId: bert, teamId: team, membershipNo: 1, effectiveOn: '2026-02-10' }).finish(),
  );
  for (const [i, goalId] of goals.entries()) {
    const about = { goalId, personId: i < 2 ? anna : bert, teamId: team, dueOn: '2026-03-31', imported: true };
    await say(`goal-${goalId}`, 'GoalProposed', goal.GoalProposed.encode(about).finish());
    // The last one was agreed on a day that nobody knows.
    const effectiveOn = i === 3 ? undefined : '2026-01-15';
    await say(`goal-${goalId}`, 'GoalAgreed', goal.GoalAgreed.encode({ goalId, effectiveOn }).finish());
  }
  const outcome = { outcomeNo: 1, effectiveOn: '2026-03-01' };
  await say(
    `goal-${goals[0]}`,
    'GoalAttained',
    goal.GoalAttained.encode({ goalId: goals[0], evidenceIds: [], ...outcome }).finish(),
  );
  await say(
    `goal-${goals[1]}`,
    'GoalMissed',
    goal.GoalMissed.encode({ goalId: goals[1], decidedBy: 'verifier', ...outcome }).finish(),
  );
  await say(
    `goal-${goals[2]}`,
    'GoalWithdrawn',
    goal.GoalWithdrawn.encode({ goalId: goals[2], reasonCode: 'left', ...outcome }).finish(),
  );
};

beforeAll(async () => {
  [database, log, issuer] = await Promise.all([
    freshDatabase(reportingMigrations),
    freshDatabase(busMigrations),
    testIssuer(),
  ]);
  const at = { HTTP_HOST: '127.0.0.1', HTTP_PORT: 0, GRPC_HOST: '127.0.0.1', GRPC_PORT: 0 };
  folder = await mkdtemp(join(tmpdir(), 'oppi-reporting-'));
  const urls = {
    POSTGRES_URL: database.applicationUrl,
    POSTGRES_OWNER_URL: database.url,
    BUS_URL: log.url,
    ROOT_KEY_FILE: join(folder, 'root-key'),
  };
  await writeFile(urls.ROOT_KEY_FILE, randomBytes(32).toString('base64'), { mode: 0o600 });
  service = await startReporting({ APP_ENV: 'test', LOG_LEVEL: 'silent', ...at, ...urls, ...issuer.config });
  wires = bothWires(service);
  tokens = {
    operations: await issuer.token('operations', randomUUID(), { clients: '*' }),
    sponsor: await issuer.token('sponsor', organisationId),
    anna: await issuer.token('learner', organisationId, { actorId: anna }),
    stranger: await issuer.token('sponsor', randomUUID()),
  };
  const bus = new PgLogBus({ url: log.url, onError: () => undefined });
  await publish(bus);
  await bus.close();
  const all = () => wires.http.call(GetAttainment, { organisationId }, { token: tokens.operations });
  for (let i = 0; i < 200; i += 1) {
    const { attainment } = await all().catch(() => ({ attainment: { withdrawn: 0 } }));
    if (attainment.withdrawn === 1) return;
    await pause(50);
  }
  throw new Error('The facts did not arrive.');
});
afterAll(async () => {
  wires.close();
  await service.stop();
  await Promise.all([database.drop(), log.drop(), issuer.stop(), rm(folder, { recursive: true })]);
});

it('binds every rpc of the contract, with the same fields', () => {
  const contract = { service: 'reporting.v1.ReportingService', protos: ['reporting/v1/reporting_service.proto'] };
  expect(contractProblems(reportingOperations, contract)).toEqual([]);
});

describe.each(['http', 'grpc'] as const)('reporting over %s', (name) => {
  let wire: Wire;
  beforeAll(() => {
    wire = wires[name];
  });
  const attainment = async (more: object = {}): Promise<OutputOf<typeof GetAttainment>['attainment']> =>
    (await wire.call(GetAttainment, { organisationId, ...more }, { token: tokens.operations })).attainment;

  it('counts every goal in the final figure, and the undated in none for a day', async () => {
    const counts = { attained: 1, missed: 1, withdrawn: 1, overdue: 0 };
    expect(await attainment()).toEqual({
      agreed: 4,
      ...counts,
      open: 1,
      rateBasisPoints: 2500,
      rateWithoutWithdrawnBasisPoints: 3333,
    });
    expect(await attainment({ on: '2026-04-01' })).toMatchObject({ agreed: 3, ...counts, open: 0 });
    expect(await attainment({ on: '2026-02-28' })).toMatchObject({ agreed: 3, attained: 0, open: 3 });
    const before = await attainment({ on: '2026-01-14' });
    expect(before).toMatchObject({ agreed: 0 });
    expect(before.rateBasisPoints).toBeUndefined();
  });

  it('uses only what was known by then', async () => {
    expect(await attainment({ knownAt: '2026-05-01T14:00:00Z' })).toMatchObject({ agreed: 4, attained: 0, open: 4 });
    expect(await attainment({ knownAt: '2026-05-01T15:00:00Z' })).toMatchObject({ agreed: 4, attained: 1, open: 3 });
    expect(await attainment({ knownAt: '2026-05-01T00:00:00+03:00' })).toMatchObject({ agreed: 0 });
  });

  it('counts per person, and a learner sees only own figures', async () => {
    expect(await attainment({ personId: anna })).toMatchObject({ agreed: 2, attained: 1, missed: 1 });
    const own = await wire.call(GetAttainment, { organisationId, personId: anna }, { token: tokens.anna });
    expect(own.attainment).toMatchObject({ agreed: 2 });
    for (const foreign of [{ personId: bert }, { teamId: team }, {}])
      await expect(
        wire.call(GetAttainment, { organisationId, ...foreign }, { token: tokens.anna }),
      ).rejects.toMatchObject({ problem: 'person-not-found' });
  });

  it('reports every team with those below it, as figures and as text', async () => {
    const report = await wire.call(GetAttainmentReport, { organisationId }, { token: tokens.sponsor });
    expect(report.teams.map(({ name: team, depth, attainment: { agreed } }) => [team, depth, agreed])).toEqual([
      ['Parent', 0, 4],
      ['Team', 1, 4],
    ]);
    expect(report.organisation).toMatchObject({
      attainment: { agreed: 4 },
      participation: { registered: 2, left: 1, open: 1 },
    });
    expect(report.basis).toMatchObject({ ruleVersion: 'attainment-1', complete: true, parkedMessages: 0 });
    expect(report.text).toMatch(/ {2}Team +4 +1 +1 +1 +0 +1 +25\.00 % +33\.33 %/);
  });

  it('keeps participation apart', async () => {
    const at = async (on?: string) =>
      (
        await wire.call(
          GetParticipation,
          { organisationId, teamId: parent, ...(on && { on }) },
          { token: tokens.sponsor },
        )
      ).participation;
    expect(await at('2026-01-09')).toEqual({ registered: 0, left: 0, open: 0 });
    expect(await at('2026-02-09')).toEqual({ registered: 2, left: 0, open: 2 });
    expect(await at('2026-02-10')).toEqual({ registered: 2, left: 1, open: 1 });
    expect(await at()).toEqual({ registered: 2, left: 1, open: 1 });
  });

  it('explains a figure goal by goal, a page at a time', async () => {
    const explain = (more: object) =>
      wire.call(ExplainAttainment, { organisationId, ...more }, { token: tokens.operations });
    const first = await explain({ limit: 3 });
    const rest = await explain({ limit: 3, cursor: String(first.nextCursor) });
    expect([...first.goals, ...rest.goals].map((each) => each.goalId)).toEqual([...goals].sort());
    expect(rest.nextCursor).toBeUndefined();
    const missed = await explain({ outcome: 'missed' });
    expect(missed.goals).toMatchObject([{ goalId: goals[1], personId: anna, outcome: 'missed' }]);
    expect(missed.goals[0]?.events.map((event) => event.type)).toEqual([
      'goal.v1.GoalProposed',
      'goal.v1.GoalAgreed',
      'goal.v1.GoalMissed',
    ]);
    const elsewhere = explain({ outcome: 'missed', cursor: String(first.nextCursor) });
    await expect(elsewhere).rejects.toMatchObject({ problem: 'cursor-invalid' });
  });

  it('I7: rebuilds to the same rows; lists and redrives an empty park', async () => {
    const { readModels } = await wire.call(RebuildReadModels, { organisationId }, { token: tokens.operations });
    expect(readModels).toHaveLength(12);
    expect(readModels.map(({ equal }) => equal)).not.toContain(false);
    expect(await wire.call(ListParkedMessages, { organisationId }, { token: tokens.operations })).toEqual({
      messages: [],
    });
    expect(await wire.call(RedriveParkedMessages, { organisationId }, { token: tokens.operations })).toEqual({
      redriven: 0,
      stillParked: 0,
    });
    expect(await attainment()).toMatchObject({ agreed: 4 });
  });

  it('refuses strangers, roles without a part in it, bad dates and unknown organisations', async () => {
    const refusal = async (input: object, token: string): Promise<string> =>
      wire.call(GetAttainmentReport, { organisationId, ...input }, { token }).then(
        () => 'nothing',
        (error: unknown) => (error as { problem: string }).problem,
      );
    expect(await refusal({}, tokens.stranger)).toBe('not-found');
    expect(await refusal({}, tokens.anna)).toBe('role-not-allowed');
    expect(await refusal({ on: '2026-02-30' }, tokens.sponsor)).toBe('invalid-request');
    expect(await refusal({ organisationId: randomUUID() }, tokens.operations)).toBe('organisation-not-found');
    await expect(wire.call(RebuildReadModels, { organisationId }, { token: tokens.sponsor })).rejects.toMatchObject({
      problem: 'role-not-allowed',
    });
  });
});
