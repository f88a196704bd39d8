import { createHash, randomUUID } from 'node:crypto';
import { Client as Postgres } from 'pg';
import { SERVICES, type ServiceName } from '../local/layout';
import { Client } from './client';
import { eventually, inDays, type Product, startProduct, today } from './scene.fixtures';

type Document = { base64: string; sha256: string; parts: number };
type Line = { lineId: string; goalId: string; amountMinor: string };

/** What may stay about a person who was erased: words of ours, and ids. Any other column that can hold text has to be empty. */
const HARMLESS = new Set(
  'status kind outcome time_zone operation places actor_id actor_role client_id correlation_id'.split(' '),
);

let product: Product;
beforeAll(async () => {
  product = await startProduct();
}, 90_000);
afterAll(() => product.stop(), 60_000);

jest.setTimeout(90_000);

/** Where the databases hold texts, bytes or documents of a person, by columns that are found and not listed. */
const traces = async (service: ServiceName, personId: string): Promise<string[]> => {
  const database = new Postgres(product.stack.databases[service]);
  await database.connect();
  try {
    const { rows } = await database.query<{ table: string; person: string; column: string }>(
      `select p.table_name as table, p.column_name as person, c.column_name as column
       from information_schema.columns p join information_schema.columns c using (table_schema, table_name)
       where p.table_schema = 'public' and p.column_name in ('person_id', 'subject_id')
         and c.data_type in ('text', 'bytea', 'json', 'jsonb', 'ARRAY')`,
    );
    expect(rows.map(({ table }) => table)).toContain('content_vault');
    const found: string[] = [];
    for (const { table, person, column } of rows) {
      const text = `select from ${table} where ${person} = $1 and ${column} is not null`;
      const { rowCount } = await database.query(text, [personId]);
      if (rowCount && !HARMLESS.has(column)) found.push(`${service}: ${table}.${column}`);
    }
    return found;
  } finally {
    await database.end();
  }
};

/** A learner of whom all services know something, and whose goal was attained and billed. */
const billedLearner = async () => {
  const client = new Client(product.stack.endpoints, randomUUID());
  const [teamId, personId, goalId, commitmentId, coachId] = [1, 2, 3, 4, 5].map(() => randomUUID()) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const dueOn = inDays(1).slice(0, 10);
  await client.put('', { timeZone: 'Europe/Helsinki', currency: 'EUR' });
  await client.put(`/teams/${teamId}`, { name: 'Claims' });
  await client.put(`/persons/${personId}`, { name: 'Zzyzx Qwertyson', email: 'zzyzx@example.org' });
  await client.post('goal', `/persons/${personId}/join-team`, { teamId });
  const said = { statement: 'Zzyzx leads a team alone', criteria: [{ criterionId: 'pass' }] };
  await client.put(`/goals/${goalId}`, { personId, teamId, dueOn, ...said });
  const terms = { name: 'Claims leads', goalIds: [goalId], threshold: 1, dueOn };
  for (const path of [`/goals/${goalId}`, `/commitments/${commitmentId}`]) {
    if (path.startsWith('/commitments'))
      await client.put(path, { ...terms, priceMinor: '4990', vatRateBasisPoints: 2550 });
    await client.post('goal', `${path}/agree`, {});
    await client.post('goal', `${path}/agree`, {}, { role: 'sponsor' });
  }
  const heard = (send: () => Promise<unknown>) => eventually(async () => (await send(), true), Boolean);
  const learner = { service: 'coaching', role: 'learner', sub: personId } as const;
  await heard(() => client.put(`/learners/${personId}/coach`, { coachId }, { service: 'coaching' }));
  await client.put(
    `/learners/${personId}/check-ins/${randomUUID()}`,
    { motivation: 4, text: 'Zzyzx is well' },
    learner,
  );
  const time = { service: 'time-allocation', role: 'learner', sub: personId } as const;
  await heard(() => client.put(`/persons/${personId}/time/${today()}/${randomUUID()}`, { goalId, minutes: 30 }, time));
  const evidence = `/goals/${goalId}/evidence`;
  const [first, second] = [randomUUID(), randomUUID()];
  await client.put(`${evidence}/${first}`, { kind: 'test' });
  await client.post('goal', `${evidence}/${first}/reject`, { comment: 'Zzyzx did not sign' }, { role: 'verifier' });
  await client.put(`${evidence}/${second}`, { kind: 'test' });
  await client.post('goal', `${evidence}/${second}/accept`, { criterionIds: ['pass'] }, { role: 'verifier' });
  return { client, personId, goalId };
};

describe('a learner who is erased after the goal was billed', () => {
  it('GDPR-08 GDPR-20: leaves no text in any service; figure, line and statement stand to the byte', async () => {
    const { client, personId, goalId } = await billedLearner();
    const lines = () => client.get<{ lines: Line[] }>('reporting', '/charges', { role: 'billing' });
    const [line] = (await eventually(lines, (found) => found.lines.length === 1)).lines;
    expect(line).toMatchObject({ goalId, amountMinor: '4990' });
    const now = new Date();
    const period = now.toISOString().slice(0, 7);
    await client.setClocks(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 3, 12)).toISOString());
    await client.post('reporting', `/statements/${period}/issue`, {}, { role: 'billing' });
    const document = () => client.get<Document>('reporting', `/statements/${period}/document`, { role: 'sponsor' });
    const explanation = () =>
      client.get<{ text: string }>('reporting', `/charges/${String(line?.lineId)}/explanation`, { role: 'sponsor' });
    const before = { document: await document(), explanation: await explanation() };
    const known = (await Promise.all(SERVICES.map((service) => traces(service, personId)))).flat();
    expect(known).toEqual(
      expect.arrayContaining([
        'goal: person_vault.sealed',
        'goal: content_vault.sealed',
        'coaching: content_vault.sealed',
      ]),
    );

    await client.post('goal', `/persons/${personId}/erase`, {});

    const left = async () => (await Promise.all(SERVICES.map((service) => traces(service, personId)))).flat();
    expect(await eventually(left, (found) => found.length === 0)).toEqual([]);
    expect({ document: await document(), explanation: await explanation() }).toEqual(before);
    const bytes = Buffer.from(before.document.base64, 'base64');
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(before.document.sha256);
    expect(JSON.parse(bytes.toString())).toMatchObject({ netMinor: 4_990, lines: [{ goalId }] });
    expect(bytes.toString() + before.explanation.text).not.toMatch(/Zzyzx|Qwertyson|example\.org/i);
    const goal = await client.get<{ status: string; statement?: string }>('goal', `/goals/${goalId}`);
    expect([goal.status, goal.statement]).toEqual(['attained', undefined]);
  });
});
