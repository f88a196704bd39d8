import { openPool } from '@oppi/database';
import type { Recorded } from '@oppi/event-sourcing';
import { freshDatabase, type FreshDatabase } from '@oppi/testing';
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { Appender } from './appender';
import { EventReader } from './event-reader';
import { EventStore, streamOf, Vault, eventStoreMigrations } from './index';
import { aCommand, count, counter } from './testing/counter.fixtures';
import { LogReader } from './testing/log-reader';

const WRITERS = 12;
const CALLERS = 8;
const EVENTS = 50_000;
const HOT_STREAMS = 150;
/** Hot streams are left for new ones after so many events, so that loading them stays cheap. */
const EVENTS_PER_GENERATION = 10_000;
const ORGANISATIONS = ['0a000000-0000-4000-8000-00000000000a', '0a000000-0000-4000-8000-00000000000b'] as const;

const anyOf = <T>(values: readonly T[]): T => values[randomInt(values.length)] as T;
const ignore = (): undefined => undefined;

describe('torture: 12 writers, kills, rollbacks, slow transactions', () => {
  let database: FreshDatabase;
  const acknowledged = new Map<string, { position: bigint; events: number }>();
  const unknown = new Map<string, number>();
  let written = 0;
  const done = (): boolean => written >= EVENTS;

  beforeAll(async () => {
    database = await freshDatabase(eventStoreMigrations, { onError: ignore, connections: 6 });
    await database.pool.query('create table elsewhere (id uuid primary key)');
  });
  afterAll(() => database.drop());

  /** A process of its own: own pool, own store. Callers pick hot streams of two organisations, at times two at once. */
  const writer = async (): Promise<void> => {
    const pool = openPool(database.url, ignore, { max: 3 });
    const store = new EventStore(pool, new Vault(pool, randomBytes(32)));
    await Promise.all(Array.from({ length: CALLERS }, () => callAgainAndAgain(store)));
    await pool.end();
  };

  const callAgainAndAgain = async (store: EventStore): Promise<void> => {
    while (!done()) {
      const context = aCommand({ organisationId: anyOf(ORGANISATIONS) });
      const [times, both] = [randomInt(1, 6), randomInt(4) === 0];
      const [left, right] = [randomInt(HOT_STREAMS), randomInt(HOT_STREAMS)];
      const hot = (n: number) =>
        streamOf(counter, `counter-${String(Math.floor(written / EVENTS_PER_GENERATION))}-${String(n)}`);
      const streams = { left: hot(left), right: hot(right) };
      const events = both && left !== right ? times + 1 : times;
      const id = `${context.organisationId}/${context.commandId}`;
      try {
        const committed = await store.transact(context, streams, (states) => ({
          left: count(states.left, times),
          ...(events > times && { right: count(states.right, 1) }),
        }));
        acknowledged.set(id, { position: BigInt(committed.position), events });
        written += events;
      } catch (error) {
        if ((error as { code?: string }).code !== 'version-stale') unknown.set(id, events);
      }
    }
  };

  /** Transactions that write elsewhere before they append, wait, and often roll back or break. */
  const slowTransactions = async (): Promise<void> => {
    while (!done()) {
      const client = new Client(database.url);
      client.on('error', ignore);
      try {
        await client.connect();
        await client.query('begin');
        await client.query('insert into elsewhere values ($1)', [randomUUID()]);
        await pause(randomInt(10));
        const context = aCommand({ organisationId: anyOf(ORGANISATIONS) });
        const streamId = `counter-slow-${randomUUID()}`;
        const append = { streamId, expectedVersion: 0, events: count(0, 2) };
        await new Appender(client).append({ context, streams: [append], texts: [] });
        await pause(randomInt(6));
        await client.query(randomInt(3) === 0 ? 'rollback' : 'commit');
      } catch {
        // Killed in the middle: what it wrote must be gone as a whole, which the end of the test counts.
      }
      await client.end().catch(ignore);
    }
  };

  const killer = async (): Promise<void> => {
    while (!done()) {
      await pause(120);
      await database.pool
        .query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid() and query like '%append_%' order by random() limit 1`,
        )
        .catch(ignore);
    }
  };

  it('IDEM-02: loses nothing, doubles nothing, disorders nothing, and keeps every acknowledged append', async () => {
    const log = new EventReader(database.pool);
    const reader = new LogReader((position, limit) => log.readAfter(position, limit));
    const work = Promise.all([
      ...Array.from({ length: WRITERS }, writer),
      slowTransactions(),
      slowTransactions(),
      killer(),
    ]);
    let over = false;
    const reading = (async () => {
      while (!over) if ((await reader.readOn().catch(() => 0)) === 0) await pause(1);
      while ((await reader.readOn()) > 0);
    })();
    await work;
    over = true;
    await reading;

    const { rows } = await database.pool.query<{ id: string; events: number; last: string }>(
      `select organisation_id || '/' || command_id as id, count(*)::int as events, max(position)::text as last from events group by 1`,
    );
    const stored = new Map(rows.map((row) => [row.id, row]));
    const total = rows.reduce((sum, row) => sum + row.events, 0);
    const lostAcknowledged = [...acknowledged].filter(
      ([id, { position, events }]) => stored.get(id)?.events !== events || stored.get(id)?.last !== position.toString(),
    );
    const torn = [...unknown].filter(([id, events]) => stored.has(id) && stored.get(id)?.events !== events);

    expect(total).toBeGreaterThanOrEqual(EVENTS);
    expect(unknown.size).toBeGreaterThan(0); // the kills hit
    expect({
      lost: total - reader.positions.size,
      double: reader.double,
      outOfStreamOrder: reader.outOfStreamOrder,
      lostAcknowledged: lostAcknowledged.length,
      torn: torn.length,
    }).toEqual({ lost: 0, double: 0, outOfStreamOrder: 0, lostAcknowledged: 0, torn: 0 });
  }, 180_000);
});

describe('the same reader on a log without the append lock', () => {
  it('loses an event: a lower position commits after a higher one', async () => {
    const database = await freshDatabase([], { onError: ignore });
    await database.pool.query(
      'create table events (position bigint generated always as identity primary key, version int)',
    );
    const reader = new LogReader(async (position) => {
      const { rows } = await database.pool.query<{ position: string; version: number }>(
        'select position, version from events where position > $1 order by position',
        [position.toString()],
      );
      return rows.map(
        (row) => ({ ...row, position: BigInt(row.position), organisationId: 'o', streamId: 's' }) as Recorded,
      );
    });
    const [slow, quick] = [new Client(database.url), new Client(database.url)];
    await Promise.all([slow.connect(), quick.connect()]);
    await slow.query('begin');
    await slow.query('insert into events (version) values (1)');
    await quick.query('insert into events (version) values (2)');
    await reader.readOn();
    await slow.query('commit');
    await reader.readOn();
    await Promise.all([slow.end(), quick.end()]);
    const { rows } = await database.pool.query<{ n: number }>('select count(*)::int as n from events');
    await database.drop();
    expect({ stored: rows[0]?.n, seen: reader.positions.size }).toEqual({ stored: 2, seen: 1 });
    expect(reader.outOfStreamOrder).toBe(1);
  });
});
