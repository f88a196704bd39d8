import { join } from 'node:path';
import { SERVICES } from '../local/layout';
import { ask, hasTable, inboxOf, plaintextIn, storeOf } from './collect';
import { type Facts, notesOf, recordsOf, type Resources } from './facts';
import { topicsOf } from './faults/bus-faults';
import type { Lab } from './lab';
import type { Client } from './load/world';
import { readOperationLog } from './operation-log';
import { POISONED } from './poison';
import { Questions } from './questions';
import { resourcesOf } from './resources';
import { isToldInClear, type Log, readTopic, topicOf } from './topics';
import type { Wires } from './wires';

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
  patienceMs: number | undefined;
  /** Ends the services on the way, as an operator would. */
  end: boolean;
}>;

const PATIENCE_MS = 6_000; // the caller's own deadline, and a second

/** Where one of the secrets of the clients lies in the clear: databases, logs of the processes, messages. */
const plaintextOf = async (lab: Lab, clients: readonly Client[], logs: ReadonlyMap<string, Log>): Promise<string[]> => {
  const secrets = clients.map(({ secret }) => secret);
  const databases = Object.entries(lab.stack.databases);
  const onBus = [...logs].flatMap(([topic, log]) => (isToldInClear(log, secrets) ? [topic] : []));
  return [...(await plaintextIn(Object.fromEntries(databases), join(lab.folder, 'logs'), secrets)), ...onBus];
};

/** Gathers what the checks judge from, of a product that was healed and is quiet. */
export const gather = async (lab: Lab, known: Known): Promise<Facts> => {
  const { wires, clients, log, before, quiet, patienceMs = PATIENCE_MS, end } = known;
  const live = {
    ...(await new Questions(lab, wires, clients).all()),
    resources: { before, after: resourcesIn(lab) },
    idleInTransaction: await idleInTransaction(lab),
  };
  const ended = end ? await endServices(lab) : { heldLeases: [], badEnds: [] };
  const logs = new Map<string, Log>();
  for (const topic of await topicsOf(lab)) logs.set(topic, await readTopic(lab.busUrl, topic));
  const entries = readOperationLog(log);
  return {
    ...live,
    ...ended,
    ...{ quiet, patienceMs },
    records: recordsOf(entries),
    notes: notesOf(entries),
    stores: await storesOf(lab, [...logs.values()][0]?.identity ?? ''),
    inboxes: await inboxesOf(lab),
    bus: [...logs].map(([topic, each]) => topicOf(topic, each)),
    plaintext: await plaintextOf(lab, clients, logs),
    poisoned: [POISONED],
  };
};
