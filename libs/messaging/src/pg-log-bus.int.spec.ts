import { freshDatabase, type FreshDatabase, ownPostgres } from '@oppi/testing';
import { Client } from 'pg';
import type { Message } from './bus';
import { busMigrations, inboxMigrations, relayMigrations } from './migrations';
import { PgLogBus } from './pg-log-bus';
import { busConformance, type Stage } from './testing';
import { until } from './testing/scene';

const ignore = (): void => undefined;

/** A server of its own, for it will be killed: log and services lie on it, as they do on one machine. */
const pgStage = async (): Promise<Stage> => {
  const server = await ownPostgres();
  const { serverUrl } = server;
  const log = await freshDatabase(busMigrations, { serverUrl, onError: ignore });
  const service = await freshDatabase([...relayMigrations, ...inboxMigrations], { serverUrl, onError: ignore });
  const admin = async (sql: string): Promise<void> => {
    const client = new Client({ connectionString: server.superuserUrl() });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  return {
    connect: (onError) => new PgLogBus({ url: log.url, onError, leaseMs: 1_500, pollMs: 200 }),
    serviceDatabase: async () => {
      // Emptying is much faster than making another database.
      await service.pool.query(
        'truncate relay_checkpoints, inbox, inbox_marks, inbox_offsets, parked_messages restart identity',
      );
      return { pool: service.pool, drop: () => Promise.resolve() };
    },
    cutConnections: () =>
      admin(
        `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null`,
      ),
    crash: async () => {
      await server.kill9();
      await server.start();
    },
    trim: async (topic, below) => {
      const bus = new PgLogBus({ url: log.url, onError: ignore });
      await bus.trim(topic, below);
      await bus.close();
    },
    depose: async (group) => {
      await log.pool.query('update bus_groups set owner = null, lease_until = null where name = $1', [group]);
    },
    end: async () => {
      await log.drop();
      await service.drop();
      await server.remove();
    },
  };
};

busConformance('PostgreSQL', pgStage);

describe('the embedded log', () => {
  const topic = 'goal.events.v1';
  let log: FreshDatabase;
  let bus: PgLogBus;

  beforeAll(async () => {
    log = await freshDatabase(busMigrations);
    bus = new PgLogBus({ url: log.url, onError: ignore });
  });

  afterAll(async () => {
    await bus.close();
    await log.drop();
  });

  const message = (n: number): Message => ({ key: 'organisation', value: Buffer.from(String(n)), headers: {} });

  it('shows offsets in their order and without gaps, though many publish at once', async () => {
    const seen: bigint[] = [];
    bus.subscribe({
      group: 'watchers',
      topics: [topic],
      startAt: () => Promise.resolve(BigInt(seen.length)),
      onBatch: ({ deliveries }) =>
        Promise.resolve(void seen.push(...deliveries.map(({ offset }) => offset))).then(() => ({})),
      onError: ignore,
    });
    const publish = async (): Promise<void> => {
      for (let n = 0; n < 40; n += 1) await bus.publish(topic, [message(n), message(n), message(n)]);
    };
    await Promise.all([1, 2, 3, 4, 5].map(publish));
    await until(() => seen.length >= 600);
    expect(seen).toEqual(Array.from({ length: 600 }, (_, n) => BigInt(n)));
  });

  it('is another log after a copy: its identity differs from that of the original', async () => {
    const copy = await freshDatabase(busMigrations);
    const { rows } = await log.pool.query<{ identity: string }>('select identity from bus_identity');
    await copy.pool.query('update bus_identity set identity = $1', [rows[0]!.identity]);
    const other = new PgLogBus({ url: copy.url, onError: ignore });
    expect(await other.identity()).not.toBe(await bus.identity());
    expect(await bus.identity()).toBe(await bus.identity());
    await other.close();
    await copy.drop();
  });

  it('wakes a reader by a notification, however seldom it looks by itself', async () => {
    const asleep = new PgLogBus({ url: log.url, onError: ignore, pollMs: 3_600_000 });
    const seen: bigint[] = [];
    asleep.subscribe({
      group: 'sleepers',
      topics: ['seldom'],
      startAt: () => Promise.resolve(BigInt(seen.length)),
      onBatch: ({ deliveries }) =>
        Promise.resolve(void seen.push(...deliveries.map(({ offset }) => offset))).then(() => ({})),
      onError: ignore,
    });
    for (let n = 1; n <= 3; n += 1) {
      await bus.publish('seldom', [message(n)]);
      await until(() => seen.length === n);
    }
    await asleep.close();
  });

  it('hands over large messages a few at a time', async () => {
    const large = Array.from({ length: 40 }, () => ({ ...message(1), value: Buffer.alloc(250 * 1024, 7) }));
    await bus.publish('large', large);
    const sizes: number[] = [];
    bus.subscribe({
      group: 'weighers',
      topics: ['large'],
      startAt: () => Promise.resolve(0n),
      onBatch: ({ deliveries }) => Promise.resolve(void sizes.push(deliveries.length)).then(() => ({})),
      onError: ignore,
    });
    await until(() => sizes.reduce((sum, size) => sum + size, 0) === 40);
    expect(sizes).toEqual([17, 17, 6]);
  });

  it('forgets what lies below an offset, never more than there is', async () => {
    await bus.publish('short', [message(1), message(2), message(3)]);
    expect([await bus.trim('short', 2n), await bus.trim('short', 1n), await bus.trim('short', 9n)]).toEqual([
      2n,
      2n,
      3n,
    ]);
    const { rowCount } = await log.pool.query(`select from bus_records where topic = 'short'`);
    expect(rowCount).toBe(0);
  });
});
