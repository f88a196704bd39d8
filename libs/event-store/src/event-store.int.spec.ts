import { freshDatabase, type FreshDatabase } from '@oppi/testing';
import { randomBytes } from 'node:crypto';
import { EventStore, streamOf, Vault, eventStoreMigrations } from './index';
import { aCommand, count, counter } from './testing/counter.fixtures';

let database: FreshDatabase;
let store: EventStore;
const another = '0a000000-0000-4000-8000-000000000002';

beforeAll(async () => {
  database = await freshDatabase(eventStoreMigrations);
  store = new EventStore(database.pool, new Vault(database.pool, randomBytes(32)));
});
afterAll(() => database.drop());

const countOn = (stream: string, context = aCommand(), times = 1, from = store) =>
  from.transact(context, { counter: streamOf(counter, stream) }, ({ counter: state }) => ({
    counter: count(state, times),
  }));
const stateOf = (stream: string, organisationId = aCommand().organisationId) =>
  store.load(organisationId, streamOf(counter, stream));

describe('appending', () => {
  it('appends at the version that was read and answers version and position', async () => {
    const first = await countOn('counter-a', aCommand(), 2);
    const second = await countOn('counter-a');
    expect([first.version, second.version, second.replayed]).toEqual([2, 3, false]);
    expect(BigInt(second.position)).toBeGreaterThan(BigInt(first.position));
    expect(await stateOf('counter-a')).toEqual({ state: 3, version: 3 });
  });

  it('keeps the streams of two organisations apart, even of one name and under one key', async () => {
    const commandId = 'the-same-key';
    await countOn('counter-b', aCommand({ commandId }), 2);
    await countOn('counter-b', aCommand({ commandId, organisationId: another }));
    expect((await stateOf('counter-b')).version).toBe(2);
    expect((await stateOf('counter-b', another)).version).toBe(1);
  });

  it('writes several streams all or nothing', async () => {
    const both = { left: streamOf(counter, 'counter-left'), right: streamOf(counter, 'counter-right') };
    await store.transact(aCommand(), both, ({ left, right }) => ({ left: count(left), right: count(right, 3) }));
    expect([(await stateOf('counter-left')).version, (await stateOf('counter-right')).version]).toEqual([1, 3]);
  });

  it('writes nothing when the decision refuses', async () => {
    const refused = store.transact(aCommand(), { counter: streamOf(counter, 'counter-c') }, () => {
      throw new Error('refused');
    });
    await expect(refused).rejects.toThrow('refused');
    expect((await stateOf('counter-c')).version).toBe(0);
  });

  it('decides again on what another process wrote meanwhile, so that both succeed', async () => {
    const elsewhere = new EventStore(database.pool, new Vault(database.pool, randomBytes(32)));
    for (let i = 0; i < 25; i += 1)
      await Promise.all([store, elsewhere].map((from) => countOn('counter-hot', aCommand(), 1, from)));
    expect(await stateOf('counter-hot')).toEqual({ state: 50, version: 50 });
    expect(Number(store.metrics()['event_store_clashes_total'])).toBeGreaterThan(0);
  });

  it('lets many callers of one process write one stream without a refusal', async () => {
    await Promise.all(Array.from({ length: 50 }, () => countOn('counter-queue')));
    expect(await stateOf('counter-queue')).toEqual({ state: 50, version: 50 });
  });

  it('CONC-03: of 20 writers with one expected version one wins and 19 hear that it is stale', async () => {
    await countOn('counter-d');
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => countOn('counter-d', aCommand({ expectedVersion: 1 }))),
    );
    const stale = results.filter(
      (each) => each.status === 'rejected' && (each.reason as { code: string }).code === 'version-stale',
    );
    expect([results.filter((each) => each.status === 'fulfilled').length, stale.length]).toEqual([1, 19]);
    expect((await stateOf('counter-d')).version).toBe(2);
  });

  it('fails alone when the database refuses its data, not its neighbours', async () => {
    const poison = aCommand({ occurredAt: '2027-01-01T00:00:00.000Z' }); // occurred after it was recorded
    const results = await Promise.allSettled([
      countOn('counter-e'),
      countOn('counter-poison', poison),
      countOn('counter-f'),
    ]);
    expect(results.map((each) => each.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await stateOf('counter-poison')).version).toBe(0);
  });
});

describe('idempotency', () => {
  it('IDEM-03: answers a repeated command as before and writes nothing', async () => {
    const context = aCommand();
    const first = await countOn('counter-g', context);
    const again = await countOn('counter-g', context);
    expect(again).toEqual({ ...first, replayed: true });
    expect((await stateOf('counter-g')).version).toBe(1);
  });

  it('answers a repeated command as before even when its version is stale by now', async () => {
    const context = aCommand({ expectedVersion: 0 });
    const first = await countOn('counter-h', context);
    await countOn('counter-h');
    expect(await countOn('counter-h', context)).toEqual({ ...first, replayed: true });
  });

  it('IDEM-04: refuses a key that was used for another command, and runs 50 equal calls once', async () => {
    const context = aCommand();
    await Promise.all(Array.from({ length: 50 }, () => countOn('counter-i', context)));
    expect((await stateOf('counter-i')).version).toBe(1);
    const other = countOn('counter-i', { ...context, fingerprint: 'e'.repeat(64) });
    await expect(other).rejects.toMatchObject({ kind: 'conflict', code: 'idempotency-key-in-use' });
  });

  it('IDEM-04: holds one key to one command across streams, and spares its neighbours', async () => {
    const commandId = 'one-key-two-streams';
    const results = await Promise.allSettled([
      countOn('counter-j', aCommand({ commandId, fingerprint: 'a'.repeat(64) })),
      countOn('counter-k', aCommand({ commandId, fingerprint: 'b'.repeat(64) })),
      countOn('counter-l'),
    ]);
    expect(results.map((each) => each.status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect((await stateOf('counter-l')).version).toBe(1);
  });

  it('IDEM-05: does not store a refusal', async () => {
    const context = aCommand();
    const refused = store.transact(context, { counter: streamOf(counter, 'counter-m') }, () => {
      throw new Error('not yet');
    });
    await expect(refused).rejects.toThrow('not yet');
    expect(await countOn('counter-m', context)).toMatchObject({ version: 1, replayed: false });
  });
});

describe('the log', () => {
  it('is append-only', async () => {
    await countOn('counter-n');
    for (const change of [
      'update events set type = type',
      'delete from events',
      'truncate events',
      'delete from commands',
    ])
      await expect(database.pool.query(change)).rejects.toThrow('append-only');
  });

  it('reads events back with who and when, in order', async () => {
    const from = await store.head();
    const context = aCommand({
      now: '2026-03-02T10:00:00.000Z',
      occurredAt: '2013-10-01T00:00:00.000Z',
      traceparent: 'trace',
    });
    await countOn('counter-o', context, 2);
    const events = await store.readAfter(from, 10);
    expect(events.map((event) => event.version)).toEqual([1, 2]);
    expect(events[0]).toMatchObject({
      organisationId: context.organisationId,
      streamId: 'counter-o',
      type: 'Counted',
      data: { count: 1 },
      actor: context.actor,
      commandId: context.commandId,
      traceparent: 'trace',
      occurredAt: '2013-10-01T00:00:00.000Z',
      recordedAt: '2026-03-02T10:00:00.000Z',
    });
  });

  it('F60: never lets recorded time fall, whatever the clock of a writer says', async () => {
    const from = await store.head();
    await countOn('counter-p', aCommand({ now: '2026-03-05T10:00:00.000Z' }));
    await countOn('counter-p', aCommand({ now: '2026-03-04T10:00:00.000Z' }));
    const times = (await store.readAfter(from, 10)).map((event) => event.recordedAt);
    expect(times).toEqual([...times].sort());
  });
});
