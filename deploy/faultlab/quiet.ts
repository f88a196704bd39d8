import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICES } from '../local/layout';
import { ask, hasTable } from './collect';
import type { Facts } from './facts';
import type { Lab } from './lab';

const headOf = async (url: string, table: string): Promise<bigint> => {
  if (!(await hasTable(url, table))) return 0n;
  const [row] = await ask<{ head: string }>(url, `select coalesce(max(position), 0) as head from ${table}`);
  return BigInt(row?.head ?? 0);
};

type Checkpoint = { name: string; position: string };

const CALM_LOOKS = 4; // what follows from a read model, as charges do, comes a moment after it

/** What a service still has to do; nothing when it is through. */
const leftOf = async (lab: Lab, service: (typeof SERVICES)[number], ends: ReadonlyMap<string, bigint>) => {
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
  if (await hasTable(url, 'inbox_offsets')) {
    const rows = await ask<{ topic: string; next: string }>(
      url,
      'select topic, next_offset as next from inbox_offsets',
    );
    for (const { topic, next } of rows)
      if (BigInt(next) < (ends.get(topic) ?? 0n)) left.push(`${service} has read ${topic} up to ${next}`);
  }
  return left;
};

const endsOf = async (busUrl: string): Promise<ReadonlyMap<string, bigint>> => {
  if (!busUrl.startsWith('postgres')) return new Map(); // Kafka's end is compared when its messages are read
  const rows = await ask<{ topic: string; next: string }>(busUrl, 'select topic, next_offset as next from bus_topics');
  return new Map(rows.map(({ topic, next }) => [topic, BigInt(next)]));
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
  const ends = await endsOf(lab.busUrl);
  for (const service of SERVICES) left.push(...(await leftOf(lab, service, ends)));
  return left;
};

/** Waits until every queue is drained and every probe green, and stays so for a while, or the limit is over. */
export const untilQuiet = async (lab: Lab, limitMs: number): Promise<Facts['quiet']> => {
  const start = performance.now();
  let calm = 0;
  for (;;) {
    const left = await lookAround(lab).catch((error: unknown) => [String(error)]);
    calm = left.length === 0 ? calm + 1 : 0;
    const afterMs = Math.round(performance.now() - start);
    if (calm === CALM_LOOKS) return { afterMs, limitMs, left: [] };
    if (afterMs > limitMs) return { afterMs, limitMs, left };
    await sleep(300);
  }
};
