import { freshDatabase, type FreshDatabase } from '@oppi/testing';
import { randomBytes, randomUUID } from 'node:crypto';
import { EventStore, guard, streamOf, Vault, eventStoreMigrations } from './index';
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

  it('CONC-04: decides again on what another process wrote meanwhile, so that both succeed', async () => {
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
    const [late] = await Promise.allSettled([countOn('counter-d', aCommand({ expectedVersion: 1 }))]);
    expect(late).toMatchObject({ reason: { code: 'version-stale', current: 2 } });
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

describe('a guard', () => {
  /** Counts on a stream while the door stands open at `at`; answers what the door said when it was decided. */
  const countBehind = async (stream: string, door: string, from = store): Promise<number> => {
    let seen = -1;
    await from.transact(
      aCommand(),
      { counter: streamOf(counter, stream), door: guard(streamOf(counter, door)) },
      (states) => {
        seen = states.door;
        return { counter: count(states.counter) };
      },
    );
    return seen;
  };

  it('is read and gets no events, also one that never began', async () => {
    expect(await countBehind('guarded-a', 'door-a')).toBe(0);
    await countOn('door-a', aCommand(), 2);
    expect(await countBehind('guarded-a', 'door-a')).toBe(2);
    expect([(await stateOf('guarded-a')).version, (await stateOf('door-a')).version]).toEqual([2, 2]);
  });

  it('that changes between reading and appending has the command decided again', async () => {
    const seen: number[] = [];
    const elsewhere = new EventStore(database.pool, new Vault(database.pool, randomBytes(32)));
    // The first decision is overtaken: its append goes behind that of another process.
    const racing = store.transact(
      aCommand(),
      { counter: streamOf(counter, 'guarded-b'), door: guard(streamOf(counter, 'door-b')) },
      (states) => {
        seen.push(states.door);
        return { counter: count(states.counter) };
      },
      () => (seen.length === 1 ? [{ vault: 'content', subject: randomUUID(), place: 'p', text: 't' }] : []),
    );
    jest.spyOn(Vault.prototype, 'seal').mockImplementationOnce(async () => {
      await countOn('door-b', aCommand(), 1, elsewhere);
      return [];
    });
    await racing;
    expect(seen).toEqual([0, 1]);
    expect((await stateOf('guarded-b')).version).toBe(1);
  });

  it('that changed refuses a caller who named the version', async () => {
    await countOn('door-c');
    const context = aCommand({ expectedVersion: 3 });
    const streams = { counter: streamOf(counter, 'guarded-c'), door: guard(streamOf(counter, 'door-c')) };
    const refused = store.transact(context, streams, () => ({ counter: count(0) }));
    await expect(refused).rejects.toMatchObject({ code: 'version-stale' });
  });

  it('alone writes nothing, and refuses events', async () => {
    const streams = { counter: streamOf(counter, 'guarded-d'), door: guard(streamOf(counter, 'door-d')) };
    const head = await store.head();
    expect(await store.transact(aCommand(), streams, () => ({}))).toMatchObject({ version: 0 });
    const written = store.transact(aCommand(), streams, () => ({ door: count(0) as never }));
    await expect(written).rejects.toThrow('only read');
    expect(await store.head()).toBe(head);
  });

  it('is seen changed by whatever stands behind the change in the log, with two processes and many writers', async () => {
    const elsewhere = new EventStore(database.pool, new Vault(database.pool, randomBytes(32)));
    const from = await store.head();
    const seen = new Map<string, number>();
    const work = Array.from({ length: 120 }, async (_, i) => {
      const writer = i % 2 === 0 ? store : elsewhere;
      if (i % 12 === 5) {
        await countOn('door-e', aCommand(), 1, store);
        return;
      }
      const stream = `guarded-e-${i}`;
      // Three tries may not be enough beside so many changes; who gave up wrote nothing.
      await countBehind(stream, 'door-e', writer).then(
        (door) => seen.set(stream, door),
        (error: unknown) => expect(error).toMatchObject({ code: 'version-stale' }),
      );
    });
    await Promise.all(work);
    let door = 0;
    let guarded = 0;
    for (const { streamId, data } of await store.readAfter(from, 1_000)) {
      if (streamId === 'door-e') door = (data as { count: number }).count;
      else expect([streamId, seen.get(streamId)]).toEqual([streamId, door]);
      if (streamId !== 'door-e') guarded += 1;
    }
    expect([door, guarded]).toEqual([10, seen.size]);
  });

  it('reads streams back with who and when, in the order of the log', async () => {
    await countOn('read-b');
    await countOn('read-a');
    await countOn('read-b');
    const events = await store.readStreams(aCommand().organisationId, ['read-a', 'read-b', 'read-none']);
    expect(events.map(({ streamId, version }) => `${streamId} ${version}`)).toEqual([
      'read-b 1',
      'read-a 1',
      'read-b 2',
    ]);
    expect(events[0]).toMatchObject({ actor: aCommand().actor, recordedAt: aCommand().now });
    expect(await store.readStreams(another, ['read-a'])).toEqual([]);
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

describe('AUTH-33: a worker', () => {
  const worker = { id: '00000000-0000-4000-8000-00000000c10c', role: 'clock' };

  it('records what it was made for', async () => {
    const context = aCommand({ actor: worker, mayRecord: ['Counted'] });
    expect(await countOn('counter-w', context)).toMatchObject({ version: 1 });
  });

  it('records nothing else, and its refusal changes nothing', async () => {
    const context = aCommand({ actor: worker, mayRecord: ['Discounted'] });
    await expect(countOn('counter-x', context)).rejects.toMatchObject({
      kind: 'forbidden',
      code: 'not-this-workers-business',
    });
    expect(await store.load(context.organisationId, streamOf(counter, 'counter-x'))).toMatchObject({ version: 0 });
  });
});

describe('the log', () => {
  it('IDEM-07: keeps of an answer under its key where it stands, and no text', async () => {
    const { rows } = await database.pool.query<{ name: string }>(
      "select column_name as name from information_schema.columns where table_name = 'commands' order by ordinal_position",
    );
    expect(rows.map(({ name }) => name)).toEqual([
      'organisation_id',
      'command_id',
      'fingerprint',
      'version',
      'position',
    ]);
  });

  it('IDEM-06: is append-only, and so are the answers under their keys', async () => {
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
