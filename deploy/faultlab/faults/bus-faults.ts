import { setTimeout as sleep } from 'node:timers/promises';
import { type Message, openBus } from '@oppi/messaging';
import { Client } from 'pg';
import { SERVICES } from '../../local/layout';
import { ask, hasTable } from '../collect';
import type { Lab } from '../lab';
import { poisonFor } from '../poison';
import type { Random } from '../random';
import { readTopic } from '../topics';
import type { Fault } from './fault';

export const topicsOf = async (lab: Lab): Promise<string[]> => {
  const publishing: string[] = [];
  for (const service of SERVICES)
    if (await hasTable(lab.stack.databases[service], 'relay_checkpoints')) publishing.push(`${service}.events.v1`);
  return publishing;
};

const publish = async (lab: Lab, topic: string, messages: readonly Message[]): Promise<number> => {
  const bus = openBus({ url: lab.busUrl, onError: () => undefined });
  let refused = 0;
  try {
    for (const message of messages) await bus.publish(topic, [message]).catch(() => (refused += 1));
  } finally {
    await bus.close();
  }
  return refused;
};

const WINDOW = 120;

const duplicates: Fault = {
  name: 'duplicates',
  title: 'messages published again, 1 to 5 times each',
  inject: async (lab, random) => {
    const topic = random.pick(await topicsOf(lab));
    const { deliveries } = await readTopic(lab.busUrl, topic);
    const start = random.between(0, Math.max(deliveries.length - WINDOW, 0));
    const copies = deliveries
      .slice(start, start + WINDOW)
      .flatMap(({ key, value, headers }) => Array<Message>(random.between(1, 5)).fill({ key, value, headers }));
    await publish(lab, topic, copies);
    return `${copies.length} copies in ${topic}`;
  },
};

const poison: Fault = {
  name: 'poison',
  title: 'every kind of poison message published',
  inject: async (lab, random) => {
    const topics = await topicsOf(lab);
    const messages = poisonFor(random);
    let refused = 0;
    for (const { message } of messages) refused += await publish(lab, random.pick(topics), [message]);
    return `${messages.length} messages, ${refused} refused by the bus itself`;
  },
};

const resetOffsets: Fault = {
  name: 'reset-offsets',
  title: "a consumer's offsets set back to the beginning",
  inject: async (lab, random) => {
    const listening: string[] = [];
    for (const service of SERVICES)
      if (await hasTable(lab.stack.databases[service], 'inbox_offsets')) listening.push(service);
    const service = random.pick(listening) as (typeof SERVICES)[number];
    await ask(lab.stack.databases[service], 'delete from inbox_offsets');
    return service;
  },
};

const resetRelay: Fault = {
  name: 'reset-relay',
  title: "a relay's checkpoint set back to the beginning",
  inject: async (lab, random) => {
    const topic = random.pick(await topicsOf(lab));
    const service = topic.replace('.events.v1', '') as (typeof SERVICES)[number];
    await ask(lab.stack.databases[service], 'update relay_checkpoints set position = 0');
    return service;
  },
};

type Row = { offset: string; key: string; value: Buffer; headers: string };

/** Another interleaving of the same messages, in which each organisation's keep their order. */
const interleave = (rows: readonly Row[], random: Random): Row[] => {
  const lines = new Map<string, Row[]>();
  for (const row of rows) lines.set(row.key, [...(lines.get(row.key) ?? []), row]);
  return random.shuffle(rows.map(({ key }) => key)).flatMap((key) => lines.get(key)?.shift() ?? []);
};

const rearrange = async (url: string, topic: string, from: bigint, random: Random): Promise<number> => {
  const client = new Client(url);
  await client.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query<Row>(
      `select "offset", key, value, headers::text from bus_records where topic = $1 and "offset" >= $2
       order by "offset" for update`,
      [topic, from.toString()],
    );
    const mixed = interleave(rows, random);
    await client.query(
      `update bus_records b set key = r.key, value = r.value, headers = r.headers
       from unnest($2::bigint[], $3::text[], $4::bytea[], $5::json[]) r("offset", key, value, headers)
       where b.topic = $1 and b."offset" = r."offset"`,
      [
        topic,
        rows.map(({ offset }) => offset),
        mixed.map(({ key }) => key),
        mixed.map(({ value }) => value),
        mixed.map(({ headers }) => headers),
      ],
    );
    await client.query('commit');
    return rows.length;
  } finally {
    await client.end();
  }
};

/** What no reader has taken in yet, while none of them can read. */
const unreadFrom = async (lab: Lab, topic: string): Promise<bigint> => {
  let from = 0n;
  for (const service of SERVICES) {
    if (!(await hasTable(lab.stack.databases[service], 'inbox_offsets'))) continue;
    const [row] = await ask<{ next: string | null }>(
      lab.stack.databases[service],
      'select max(next_offset) as next from inbox_offsets where topic = $1',
      [topic],
    );
    if (row?.next && BigInt(row.next) > from) from = BigInt(row.next);
  }
  return from;
};

const reorder: Fault = {
  name: 'reorder',
  title: 'unread messages of different organisations reordered',
  obstacle: ({ busUrl }) =>
    busUrl.startsWith('postgres') ? undefined : 'a Kafka log cannot be rearranged; its partitions do it',
  inject: async (lab, random) => {
    const topic = 'goal.events.v1';
    const readers = lab.processes.filter(({ service }) => service !== 'goal');
    readers.forEach(({ lines }) => lines.bus?.close());
    try {
      await sleep(random.between(2_500, 3_500)); // batches under way end, and unread messages gather
      const moved = await rearrange(lab.busUrl, topic, await unreadFrom(lab, topic), random);
      return `${moved} messages`;
    } finally {
      readers.forEach(({ lines }) => lines.bus?.heal());
    }
  },
};

export const busFaults: readonly Fault[] = [duplicates, poison, resetOffsets, resetRelay, reorder];
