import { setTimeout as sleep } from 'node:timers/promises';
import { type Delivery, KafkaBus, openBus, readEnvelope, readKafkaUrl } from '@oppi/messaging';
import { ask } from './collect';
import type { BusFacts, Told } from './facts';

/** Where each partition of a topic that holds anything ends: the offset that its next message will get. */
export type Ends = ReadonlyMap<number, bigint>;

const endsOnKafka = async (busUrl: string, topic: string): Promise<Ends> => {
  const bus = new KafkaBus(readKafkaUrl(busUrl));
  try {
    const bounds = [...(await bus.bounds(topic))];
    return new Map(bounds.flatMap(([partition, { start, end }]) => (end > start ? [[partition, end] as const] : [])));
  } finally {
    await bus.close();
  }
};

const endsInLog = async (busUrl: string, topic: string): Promise<Ends> => {
  const [row] = await ask<{ next: string }>(
    busUrl,
    'select next_offset as next from bus_topics where topic = $1 and next_offset > log_start',
    [topic],
  );
  return new Map(row ? [[0, BigInt(row.next)]] : []);
};

export const endsOf = (busUrl: string, topic: string): Promise<Ends> =>
  busUrl.startsWith('postgres') ? endsInLog(busUrl, topic) : endsOnKafka(busUrl, topic);

export type Log = Readonly<{ deliveries: readonly Delivery[]; identity: string }>;

const READ_LIMIT_MS = 120_000;

/** Asks until there is an answer: the lab shares the machine with what it tests, and a judgement must not fail of that. */
export const patiently = async <T>(work: () => Promise<T>, limitMs: number): Promise<T> => {
  const end = performance.now() + limitMs;
  for (;;)
    try {
      return await work();
    } catch (error) {
      if (performance.now() >= end) throw error;
      await sleep(200);
    }
};

/** Reads a whole topic as it is now, by a reader of its own that stores no place. Works the same on both buses. */
export const readTopic = async (busUrl: string, topic: string): Promise<Log> => {
  const ends = await endsOf(busUrl, topic);
  const bus = openBus({ url: busUrl, onError: () => undefined });
  const deliveries: Delivery[] = [];
  const left = new Map(ends);
  const subscription = bus.subscribe({
    group: `faultlab.${Date.now()}.${topic}`,
    topics: [topic],
    startAt: () => Promise.resolve(0n),
    onBatch: (batch) => {
      const end = ends.get(batch.partition) ?? 0n;
      // What comes after the end that was found belongs to a later look.
      deliveries.push(...batch.deliveries.filter(({ offset }) => offset < end));
      const next = (batch.deliveries.at(-1)?.offset ?? batch.from - 1n) + 1n;
      if (next >= end) left.delete(batch.partition);
      return Promise.resolve({});
    },
    onError: () => undefined,
  });
  try {
    const limit = performance.now() + READ_LIMIT_MS;
    while (left.size > 0 && performance.now() < limit) await sleep(50);
    if (left.size > 0) throw new Error(`${topic} could not be read to its end.`);
    return { deliveries, identity: await patiently(() => bus.identity(), READ_LIMIT_MS) };
  } finally {
    await subscription.stop();
    await bus.close();
  }
};

export const topicOf = (topic: string, { deliveries }: Log): BusFacts => {
  const readings = deliveries.map((delivery) => ({ place: delivery.offset, reading: readEnvelope(delivery) }));
  return {
    topic,
    messages: readings.flatMap(({ place, reading }): Told[] =>
      reading.kind === 'refused' ? [] : [{ place, ...reading.envelope }],
    ),
    unreadable: readings.filter(({ reading }) => reading.kind === 'refused').length,
  };
};

/** Whether one of the texts stands in the clear in a message. */
export const isToldInClear = ({ deliveries }: Log, secrets: readonly string[]): boolean =>
  deliveries.some(({ key, value, headers }) => {
    const text = `${key} ${JSON.stringify(headers)} ${Buffer.from(value).toString('latin1')}`;
    return secrets.some((secret) => text.includes(secret));
  });
