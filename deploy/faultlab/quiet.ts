import { setTimeout as sleep } from 'node:timers/promises';
import { openBus } from '@oppi/messaging';
import { SERVICES } from '../local/layout';
import { ask, hasTable } from './collect';
import type { Facts } from './facts';
import { topicsOf } from './faults/bus-faults';
import type { Lab } from './lab';
import { type Ends, endsOf } from './topics';

const headOf = async (url: string, table: string): Promise<bigint> => {
  if (!(await hasTable(url, table))) return 0n;
  const [row] = await ask<{ head: string }>(url, `select coalesce(max(position), 0) as head from ${table}`);
  return BigInt(row?.head ?? 0);
};

type Checkpoint = { name: string; position: string };

const CALM_LOOKS = 4; // what follows from a read model, as charges do, comes a moment after it

/** What a service still has to do; nothing when it is through. */
const leftOf = async (lab: Lab, service: (typeof SERVICES)[number], ends: BusEnds) => {
  const url = lab.stack.databases[service];
  const [own, heard] = [await headOf(url, 'events'), await headOf(url, 'inbox')];
  const left: string[] = [];
  const behind = async (table: string, column: string, isThere: (position: bigint) => boolean): Promise<void> => {
    if (!(await hasTable(url, table))) return;
    const rows = await ask<Checkpoint>(url, `select ${column} as name, position from ${table}`);
    for (const { name, position } of rows)
      if (!isThere(BigInt(position))) left.push(`${service}'s ${name} stands at ${position}`);
  };
  await behind('relay_checkpoints', 'source', (position) => position === own);
  // Some fold the service's own log and some what it has heard.
  await behind('projection_checkpoints', 'projection', (position) => position === own || position === heard);
  await behind('reaction_checkpoints', 'consumer', (position) => position === heard);
  if (await hasTable(url, 'inbox_offsets')) left.push(...(await unreadBy(service, url, ends)));
  return left;
};

type Offset = { topic: string; partition: number; next: string };

/** Partitions that a service has not read to their end, as the offsets on the bus in use say. */
const unreadBy = async (service: string, url: string, { identity, topics }: BusEnds): Promise<string[]> => {
  const rows = await ask<Offset>(
    url,
    'select topic, partition, next_offset as next from inbox_offsets where bus = $1',
    [identity],
  );
  return rows.flatMap(({ topic, partition, next }) =>
    BigInt(next) < (topics.get(topic)?.get(partition) ?? 0n) ? [`${service} has read ${topic} up to ${next}`] : [],
  );
};

type BusEnds = Readonly<{ identity: string; topics: ReadonlyMap<string, Ends> }>;

const busEnds = async (lab: Lab): Promise<BusEnds> => {
  const bus = openBus({ url: lab.busUrl, onError: () => undefined });
  try {
    const topics = new Map<string, Ends>();
    for (const topic of await topicsOf(lab)) topics.set(topic, await endsOf(lab.busUrl, topic));
    return { identity: await bus.identity(), topics };
  } finally {
    await bus.close();
  }
};

const probe = async (lab: Lab): Promise<string[]> => {
  const answers = await Promise.all(
    lab.processes.map(async ({ name, lines }) => {
      const url = `http://127.0.0.1:${lines.http.port}/readyz`;
      const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
      return answer?.ok ? [] : [`${name} is not ready`];
    }),
  );
  return answers.flat();
};

const lookAround = async (lab: Lab): Promise<string[]> => {
  const left = await probe(lab);
  const ends = await busEnds(lab);
  for (const service of SERVICES) left.push(...(await leftOf(lab, service, ends)));
  return left;
};

const STUCK_MS = 60_000;

/**
 * Waits until every queue is drained and every probe green, and stays so for a while. Gives up when the limit is over, or
 * when what is left has not changed for a minute.
 */
export const untilQuiet = async (lab: Lab, limitMs: number): Promise<Facts['quiet']> => {
  const start = performance.now();
  let calm = 0;
  let [before, since] = ['', start];
  for (;;) {
    const left = await lookAround(lab).catch((error: unknown) => [String(error)]);
    calm = left.length === 0 ? calm + 1 : 0;
    const now = performance.now();
    if (left.join() !== before) [before, since] = [left.join(), now];
    const afterMs = Math.round(now - start);
    if (calm === CALM_LOOKS) return { afterMs, limitMs, left: [] };
    if (afterMs > limitMs || (calm === 0 && now - since > STUCK_MS)) return { afterMs, limitMs, left };
    await sleep(300);
  }
};
