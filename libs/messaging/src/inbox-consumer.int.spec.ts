import { randomUUID } from 'node:crypto';
import { freshDatabase, type FreshDatabase } from '@oppi/testing';
import type { Batch, Bus, SubscriptionOptions } from './bus';
import { Inbox } from './inbox';
import { InboxConsumer } from './inbox-consumer';
import { inboxMigrations } from './migrations';
import { EventList } from './testing/event-list';
import { decoders, Gate, messageOf } from './testing/scene';

const TOPIC = 'goal.events.v1';

describe('a consumer of the inbox', () => {
  let fresh: FreshDatabase;
  let inbox: Inbox;
  let events: EventList;

  beforeAll(async () => {
    fresh = await freshDatabase(inboxMigrations);
    inbox = new Inbox({ database: fresh.pool, decoders });
    await fresh.pool.query(`
      create function refuse() returns trigger language plpgsql as $$ begin raise exception 'refused'; end $$;
      create trigger refuse before insert on inbox for each row when (new.subject = 'refused') execute function refuse()`);
  });

  beforeEach(async () => {
    events = new EventList();
    await fresh.pool.query('truncate inbox, inbox_marks, inbox_offsets, parked_messages');
  });

  afterAll(() => fresh.drop());

  /** A consumer, what a bus would call, and how many batches each intake took. The first intake waits for the gate. */
  const stage = () => {
    let heard: SubscriptionOptions | undefined;
    const gate = new Gate();
    const together: number[] = [];
    const bus: Bus = {
      identity: () => Promise.resolve('log-1'),
      publish: () => Promise.resolve(),
      subscribe: (options) => {
        heard = options;
        return { stop: () => Promise.resolve() };
      },
      close: () => Promise.resolve(),
    };
    const gated = {
      nextOffset: inbox.nextOffset.bind(inbox),
      take: async (batches: readonly Batch[]) => {
        together.push(batches.length);
        if (together.length === 1) await gate.pass();
        return inbox.take(batches);
      },
    };
    const consumer = new InboxConsumer({
      bus,
      inbox: gated as Inbox,
      group: 'test',
      topics: [TOPIC],
      onError: () => undefined,
    });
    consumer.start();
    const bring = (partition: number, subject = 'goal-1') => {
      const deliveries = [{ ...messageOf(events.append(randomUUID(), subject)), offset: 0n }];
      const place = { log: 'log-1', topic: TOPIC, partition, from: 0n, logStart: 0n, logEnd: 1n };
      return heard!.onBatch({ ...place, deliveries });
    };
    return { gate, together, consumer, bring };
  };

  it('takes in together what partitions bring while the inbox is written', async () => {
    const { gate, together, consumer, bring } = stage();
    const first = bring(0);
    await gate.reached;
    const others = [1, 2, 3].map((partition) => bring(partition));
    gate.letThrough();
    expect(await Promise.all([first, ...others])).toEqual(Array.from({ length: 4 }, () => ({ seekTo: 1n })));
    expect(together).toEqual([1, 3]);
    expect(consumer.metrics()['inbox_appended_total']).toBe(4);
  });

  it('holds up the partition of a batch that the database refuses, and no other', async () => {
    const { gate, consumer, bring } = stage();
    const first = bring(0);
    await gate.reached;
    const others = [bring(1), bring(2, 'refused'), bring(3)];
    gate.letThrough();
    const settled = await Promise.allSettled([first, ...others]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(consumer.metrics()['inbox_appended_total']).toBe(3);
  });
});
