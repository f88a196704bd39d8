import { join } from 'node:path';
import { SERVICES, type ServiceName } from '../local/layout';
import { ask, hasTable, inboxOf, plaintextIn, readTopic, storeOf, topicOf } from './collect';
import { type Facts, type Figure, type ListedGoal, notesOf, recordsOf, type Resources } from './facts';
import { topicsOf } from './faults/bus-faults';
import type { Lab } from './lab';
import type { Client } from './load/world';
import { readOperationLog } from './operation-log';
import { OPERATIONS, type OperationUse } from './operations';
import { POISONED } from './poison';
import { resourcesOf } from './resources';
import type { Wires } from './wires';

/** Rebuilds are no operation of the load. */
const REBUILD: OperationUse = {
  service: 'reporting',
  http: 'POST /organisations/:organisationId/read-models/rebuild',
  role: 'operations',
};

type Body = Readonly<Record<string, unknown>>;

/** Asks the healed product; what it cannot answer now is a finding of its own. */
const asker = (lab: Lab, wires: Wires) => async (client: Client, rpc: string, use: OperationUse, input: Body) => {
  const [process] = lab.of(use.service);
  if (!process) throw new Error(`No process of ${use.service} runs.`);
  const key = rpc === 'RebuildReadModels' ? `rebuilt-${Date.now()}` : undefined;
  const { organisationId } = client;
  const request = { rpc, use, role: use.role, organisationId, input: { organisationId, ...input }, key };
  const answer = await wires.call(process, 'rest', request);
  if (answer.outcome !== 'ok') throw new Error(`${rpc} says ${answer.status} ${answer.code} after healing.`);
  return answer.body ?? {};
};

const figuresOf = async (ask: ReturnType<typeof asker>, clients: readonly Client[]): Promise<Figure[]> => {
  const figures: Figure[] = [];
  for (const client of clients) {
    const body = await ask(client, 'GetAttainment', OPERATIONS.GetAttainment, {});
    const { agreed, attained, withdrawn } = body['attainment'] as Omit<Figure, 'organisationId'>;
    figures.push({ organisationId: client.organisationId, agreed, attained, withdrawn });
  }
  return figures;
};

const listedOf = async (ask: ReturnType<typeof asker>, clients: readonly Client[]): Promise<ListedGoal[]> => {
  const listed: ListedGoal[] = [];
  for (const client of clients) {
    let cursor: unknown;
    do {
      const input = { limit: 200, ...(cursor !== undefined && { cursor }) };
      const body = await ask(client, 'ListGoals', OPERATIONS.ListGoals, input);
      const goals = body['goals'] as Omit<ListedGoal, 'organisationId'>[];
      listed.push(...goals.map((goal) => ({ ...goal, organisationId: client.organisationId })));
      cursor = body['nextCursor'];
    } while (cursor !== undefined);
  }
  return listed;
};

const rebuiltBy = async (ask: ReturnType<typeof asker>, client: Client): Promise<Facts['rebuilt']> => {
  const body = await ask(client, 'RebuildReadModels', REBUILD, {});
  const models = body['readModels'] as { name: string; equal: boolean }[];
  return models.map(({ name, equal }) => ({ service: 'reporting' as const, name, equal }));
};

const LEADING = /^oppi_relay_leading\S* (\d+)/m;

/** How many processes of each service believe that they lead its relay. */
const leadersOf = async (lab: Lab): Promise<Facts['leaders']> => {
  const counts = new Map<ServiceName, number>();
  for (const { service, lines } of lab.processes) {
    const answer = await fetch(`http://127.0.0.1:${lines.http.port}/metrics`);
    const leads = Number(LEADING.exec(await answer.text())?.[1] ?? 0);
    counts.set(service, (counts.get(service) ?? 0) + leads);
  }
  return [...counts].map(([service, count]) => ({ service, count }));
};

/** A pool gives an idle connection back after ten seconds; one in a transaction for longer than that was forgotten. */
const idleInTransaction = async (lab: Lab): Promise<number> => {
  let idle = 0;
  for (const service of SERVICES) {
    const [row] = await ask<{ count: number }>(
      lab.stack.databases[service],
      `select count(*)::integer as count from pg_stat_activity
       where usename = current_user and state like 'idle in transaction%' and state_change < now() - interval '3 seconds'`,
    );
    idle += row?.count ?? 0;
  }
  return idle;
};

const LEASES = { bus_groups: 'name', relay_checkpoints: 'source' } as const;

/** Ends all services as an operator would, and looks at what they left. */
const endServices = async (lab: Lab): Promise<Pick<Facts, 'heldLeases' | 'badEnds'>> => {
  const started = performance.now();
  await lab.stopServices();
  const seconds = (performance.now() - started) / 1_000;
  const heldLeases: string[] = [];
  for (const url of Object.values(lab.stack.databases)) {
    if (!url.startsWith('postgres')) continue;
    for (const [table, column] of Object.entries(LEASES)) {
      if (!(await hasTable(url, table))) continue;
      const rows = await ask<{ name: string }>(
        url,
        `select ${column} as name from ${table} where lease_until > clock_timestamp()`,
      );
      heldLeases.push(...rows.map(({ name }) => `${table} ${name}`));
    }
  }
  return { heldLeases, badEnds: seconds > 30 ? [`the services took ${seconds} s to end`] : [] };
};

const storesOf = async (lab: Lab, bus: string): Promise<Facts['stores']> => {
  const stores = await Promise.all(SERVICES.map((service) => storeOf(service, lab.stack.databases[service], bus)));
  return stores.filter((store) => store !== undefined);
};

const inboxesOf = async (lab: Lab): Promise<Facts['inboxes']> => {
  const inboxes = await Promise.all(SERVICES.map((service) => inboxOf(service, lab.stack.databases[service])));
  return inboxes.filter((inbox) => inbox !== undefined);
};

export const resourcesIn = (lab: Lab): Resources[] => lab.processes.flatMap((process) => resourcesOf(process) ?? []);

type Known = Readonly<{
  wires: Wires;
  clients: readonly Client[];
  log: string;
  before: readonly Resources[];
  quiet: Facts['quiet'];
  /** Ends the services on the way, as an operator would. */
  end: boolean;
}>;

/** Gathers what the checks judge from, of a product that was healed and is quiet. */
export const gather = async (lab: Lab, known: Known): Promise<Facts> => {
  const { wires, clients, log, before, quiet, end } = known;
  const [first] = clients as [Client];
  const put = asker(lab, wires);
  const live = {
    figures: await figuresOf(put, clients),
    listed: await listedOf(put, clients),
    rebuilt: await rebuiltBy(put, first),
    leaders: await leadersOf(lab),
    resources: { before, after: resourcesIn(lab) },
    idleInTransaction: await idleInTransaction(lab),
  };
  const ended = end ? await endServices(lab) : { heldLeases: [], badEnds: [] };
  const topics = await topicsOf(lab);
  const logs = await Promise.all(topics.map((topic) => readTopic(lab.busUrl, topic)));
  const stores = await storesOf(lab, logs[0]?.identity ?? '');
  const entries = readOperationLog(log);
  return {
    ...live,
    ...ended,
    records: recordsOf(entries),
    notes: notesOf(entries),
    stores,
    inboxes: await inboxesOf(lab),
    bus: topics.map((topic, nth) => topicOf(topic, logs[nth] as (typeof logs)[number])),
    quiet,
    plaintext: await plaintextIn(
      lab.stack.databases,
      join(lab.folder, 'logs'),
      clients.map(({ secret }) => secret),
    ),
    poisoned: [POISONED],
  };
};
