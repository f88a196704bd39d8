import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PgLogBus } from '@oppi/messaging';
import { Client as Postgres } from 'pg';
import { SERVICES } from '../local/layout';
import type { Client } from './client';
import {
  aClient as aClientOf,
  aLearner,
  anAgreedGoal,
  aTeam,
  attain,
  type Explanation,
  figure,
} from './goal-steps.fixtures';
import { daysAgo, eventually, type Product, startProduct, today } from './scene.fixtures';

type Participation = { participation: { registered: number; left: number; open: number } };

let product: Product;
let folder: string;
let urls: Record<string, string>;

beforeAll(async () => {
  process.env['LOG_LEVEL'] = 'debug';
  product = await startProduct();
  folder = product.folder;
  urls = product.stack.databases;
}, 60_000);
afterAll(async () => {
  delete process.env['LOG_LEVEL'];
  await product.stop();
}, 60_000);

const aClient = (): Promise<Client> => aClientOf(product.stack);

describe('from a goal to its figure', () => {
  it('rolls attainment up from person to team to parent to organisation, and explains it down to the events', async () => {
    const client = await aClient();
    const parent = await aTeam(client, 'Customer care');
    const [team, other] = [await aTeam(client, 'Claims', parent), await aTeam(client, 'Sales')];
    const [first, second] = [await aLearner(client, team, daysAgo(9)), await aLearner(client, other, daysAgo(9))];
    const goalId = await anAgreedGoal(client, { personId: first, teamId: team, occurredAt: daysAgo(8) });
    await anAgreedGoal(client, { personId: second, teamId: other, occurredAt: daysAgo(8) });
    await attain(client, goalId, daysAgo(2));
    await eventually(
      () => figure(client),
      ({ attainment }) => attainment.attained === 1 && attainment.agreed === 2,
    );

    const counts = async (query: string): Promise<number[]> => {
      const { attainment } = await figure(client, query);
      return [attainment.agreed, attainment.attained, attainment.open];
    };
    expect(await counts('')).toEqual([2, 1, 1]);
    expect(await counts(`?teamId=${parent}`)).toEqual([1, 1, 0]);
    expect(await counts(`?teamId=${team}`)).toEqual([1, 1, 0]);
    expect(await counts(`?teamId=${other}`)).toEqual([1, 0, 1]);
    expect(await counts(`?personId=${first}`)).toEqual([1, 1, 0]);
    await expect(figure(client, `?teamId=${randomUUID()}`)).rejects.toMatchObject({ code: 'team-not-found' });

    const { goals, text, attainment } = await client.get<Explanation>(
      'reporting',
      `/attainment/explanation?teamId=${parent}&outcome=attained`,
    );
    expect(attainment.attained).toBe(1);
    expect(goals.map((goal) => goal.goalId)).toEqual([goalId]);
    const types = [
      'GoalProposed',
      'GoalAgreementGiven',
      'GoalAgreementGiven',
      'GoalAgreed',
      'EvidenceSubmitted',
      'EvidenceAccepted',
      'GoalAttained',
    ];
    expect(goals[0]?.events.map((event) => event.type)).toEqual(types.map((type) => `goal.v1.${type}`));
    const stored = await query<{ event_id: string }>(
      'goal',
      'select event_id from events where stream_id = $1 order by version',
      [`goal-${goalId}`],
    );
    expect(goals[0]?.events.map((event) => event.eventId)).toEqual(stored.map((row) => row.event_id));
    for (const { eventId } of goals[0]?.events ?? []) expect(text).toContain(eventId);
    expect(text).toContain('1 of 1 agreed goals attained');
  });

  it('keeps participation apart from outcome', async () => {
    const client = await aClient();
    const team = await aTeam(client, 'Claims');
    const [stays, leaves] = [await aLearner(client, team, daysAgo(20)), await aLearner(client, team, daysAgo(15))];
    await client.post('goal', `/persons/${leaves}/leave-team`, { teamId: team, occurredAt: daysAgo(5) });
    const goalId = await anAgreedGoal(client, { personId: leaves, teamId: team, occurredAt: daysAgo(14) });
    await attain(client, goalId, daysAgo(6));
    await anAgreedGoal(client, { personId: stays, teamId: team, occurredAt: daysAgo(14) });
    await eventually(
      () => figure(client),
      ({ attainment }) => attainment.agreed === 2 && attainment.attained === 1,
    );
    const at = async (on: string): Promise<number[]> => {
      const { participation } = await client.get<Participation>('reporting', `/participation?teamId=${team}&on=${on}`);
      return [participation.registered, participation.left, participation.open];
    };
    expect(await at(daysAgo(16).slice(0, 10))).toEqual([1, 0, 1]);
    expect(await at(daysAgo(7).slice(0, 10))).toEqual([2, 0, 2]);
    expect(await at(today())).toEqual([2, 1, 1]);
  });

  it('OTEL-04: carries one trace id from the request into the event, the message and the figure', async () => {
    const client = await aClient();
    const traceId = randomUUID().replaceAll('-', '');
    await client.put(
      `/teams/${randomUUID()}`,
      { name: 'Traced' },
      { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    );
    const inbox = await eventually(
      () => query('reporting', 'select from inbox where correlation_id = $1', [traceId]),
      (rows) => rows.length > 0,
    );
    expect(inbox).toHaveLength(1);
    expect(await query('goal', `select from events where meta ->> 'correlationId' = $1`, [traceId])).toHaveLength(1);
    const log = (name: string): Promise<string> => readFile(join(folder, 'logs', `${name}.log`), 'utf8');
    const projected = await eventually(
      () => log('reporting'),
      (text) => text.includes(traceId),
    );
    expect(projected).toMatch(new RegExp(`"trace_id":"${traceId}".*"projected"`));
    expect(await log('goal')).toMatch(new RegExp(`"trace_id":"${traceId}".*"request"`));
  });

  it('I7: rebuilds every read model to the same rows', async () => {
    const client = await aClient();
    await eventually(
      () => figure(client),
      () => true,
    );
    const { readModels } = await client.post<{ readModels: { name: string; equal: boolean; events: string }[] }>(
      'reporting',
      '/read-models/rebuild',
      {},
    );
    expect(readModels.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['organisations', 'goals', 'goal_outcomes', 'commitments', 'lines', 'statements']),
    );
    expect(readModels.filter(({ equal }) => !equal)).toEqual([]);
    expect(Number(readModels[0]?.events)).toBeGreaterThan(20);
  });
});

describe('trust', () => {
  it('DLQ-01: parks what cannot be read and says the figure is incomplete; others go on; a redrive mends it', async () => {
    const [hurt, well] = [await aClient(), await aClient()];
    await eventually(
      () => figure(hurt),
      () => true,
    );
    const bus = new PgLogBus({ url: String(urls['bus']), onError: () => undefined });
    const [position, subject] = ['999999999', `goal-${randomUUID()}`];
    const headers = {
      ce_specversion: '1.0',
      ce_id: randomUUID(),
      ce_source: '/elsewhere',
      ce_type: 'goal.v1.GoalAgreed',
      ce_time: daysAgo(1),
      ce_recordedtime: daysAgo(1),
      ce_subject: subject,
      ce_partitionkey: hurt.organisationId,
      ce_organisationid: hurt.organisationId,
      ce_position: position,
      ce_index: '0',
      ce_streamversion: '1',
      ce_actorid: randomUUID(),
      ce_actorrole: 'operations',
      ce_correlationid: 'poison',
      'content-type': 'application/protobuf',
    };
    await bus.publish('goal.events.v1', [
      { key: hurt.organisationId, value: Buffer.from([0xff, 0xff, 0xff]), headers },
    ]);
    const incomplete = await eventually(
      () => figure(hurt),
      ({ basis }) => !basis.complete,
    );
    expect(incomplete.basis).toMatchObject({ complete: false, parkedMessages: 1 });
    expect((await figure(well)).basis.complete).toBe(true);
    const { messages } = await hurt.get<{ messages: object[] }>('reporting', '/parked-messages');
    expect(messages).toMatchObject([{ topic: 'goal.events.v1', subject, type: 'goal.v1.GoalAgreed' }]);
    const redrive = () => hurt.post('reporting', '/parked-messages/redrive', {});
    expect(await redrive()).toEqual({ redriven: 0, stillParked: 1 });
    const team = await aTeam(hurt, 'Goes on');
    await eventually(
      () => figure(hurt, `?teamId=${team}`),
      () => true,
    );
    await bus.close();
  });

  it('F90: keeps two organisations apart that use the same ids', async () => {
    const [one, two] = [await aClient(), await aClient()];
    const [teamId, personId, goalId] = [randomUUID(), randomUUID(), randomUUID()];
    for (const client of [one, two]) {
      await client.put(`/teams/${teamId}`, { name: 'Same' });
      await client.put(`/persons/${personId}`, {});
      await client.post('goal', `/persons/${personId}/join-team`, { teamId, occurredAt: daysAgo(3) });
      await anAgreedGoal(client, { personId, teamId, occurredAt: daysAgo(2), goalId });
    }
    await attain(two, goalId, daysAgo(1));
    await eventually(
      () => figure(two),
      ({ attainment }) => attainment.attained === 1,
    );
    expect(
      (
        await eventually(
          () => figure(one),
          ({ attainment }) => attainment.agreed === 1,
        )
      ).attainment,
    ).toMatchObject({ agreed: 1, attained: 0, open: 1 });
  });

  it('GDPR-02: has a name, an e-mail or a statement nowhere in the clear: databases, bus, logs', async () => {
    for (const database of [...SERVICES, 'bus']) {
      const tables = await query<{ name: string }>(
        database,
        `select table_schema || '.' || quote_ident(table_name) as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
      );
      for (const { name } of tables) {
        const found = await query(
          database,
          `select from ${name} t where t::text ilike any (array['%Zzyzx%', '%Qwertyson%', '%' || encode('Zzyzx', 'hex') || '%'])`,
        );
        expect([database, name, found.length]).toEqual([database, name, 0]);
      }
    }
    for (const service of SERVICES)
      expect(await readFile(join(folder, 'logs', `${service}.log`), 'utf8')).not.toMatch(/Zzyzx|Qwertyson/i);
  });
});

const query = async <T extends object>(database: string, text: string, values: unknown[] = []): Promise<T[]> => {
  const client = new Postgres(urls[database]);
  await client.connect();
  try {
    return (await client.query<T>(text, values)).rows;
  } finally {
    await client.end();
  }
};
