import { randomUUID } from 'node:crypto';
import { freshDatabase, type FreshDatabase } from '@oppi/testing';
import type { Bus, Message } from './bus';
import { busMigrations, inboxMigrations, relayMigrations } from './migrations';
import { PgLogBus } from './pg-log-bus';
import { RelayCheckpoint } from './relay-checkpoint';
import { Gate, Scene, until } from './testing/scene';

const organisation = randomUUID();

describe('a relay', () => {
  let log: FreshDatabase;
  let service: FreshDatabase;
  let scene: Scene;

  beforeAll(async () => {
    log = await freshDatabase(busMigrations);
    service = await freshDatabase([...relayMigrations, ...inboxMigrations]);
  });

  beforeEach(async () => {
    await service.pool.query('truncate relay_checkpoints, inbox, inbox_marks, inbox_offsets, parked_messages');
    scene = await Scene.open({
      connect: (onError: (error: Error) => void) => new PgLogBus({ url: log.url, onError }),
      serviceDatabase: () => Promise.resolve({ pool: service.pool, drop: () => Promise.resolve() }),
    });
  });

  afterEach(() => scene.end());

  afterAll(async () => {
    await log.drop();
    await service.drop();
  });

  const append = (count: number): void => {
    for (let n = 0; n < count; n += 1) scene.events.append(organisation, 'goal-1');
  };

  /** A bus of which one function is another. */
  const busWith = (change: Partial<Bus>): Bus => {
    const bus = scene.bus();
    return {
      identity: () => bus.identity(),
      publish: (topic, messages) => bus.publish(topic, messages),
      subscribe: (options) => bus.subscribe(options),
      close: () => bus.close(),
      ...change,
    };
  };

  const offsets = async (): Promise<string[]> => {
    const { rows } = await log.pool.query<{ offset: string }>(
      'select "offset" from bus_records where topic = $1 order by "offset"',
      [scene.topic],
    );
    return rows.map(({ offset }) => offset);
  };

  it('publishes nothing, one or several messages for an event, as the translation says', async () => {
    append(3);
    const value = new Uint8Array();
    const made = new Map([1n, 3n, 5n].map((position, n) => [position, n]));
    const relay = scene.relay({
      translate: ({ position }) =>
        Array.from({ length: made.get(position) ?? 0 }, () => ({ type: 'goal.v1.GoalAgreed', value })),
    });
    await until(() => relay.metrics()['relay_published_total'] === 3 && relay.lag() === 0n);
    const { rows } = await log.pool.query<{ id: string; at: string }>(
      `select headers->>'ce_id' as id, headers->>'ce_position' as at from bus_records where topic = $1 order by "offset"`,
      [scene.topic],
    );
    expect(rows.map(({ at, id }) => `${at}:${id.split(':')[1] ?? ''}`)).toEqual(['3:', '5:0', '5:1']);
  });

  it('goes on from its checkpoint after a restart', async () => {
    append(5);
    const first = scene.relay();
    await until(() => first.lag() === 0n && first.metrics()['relay_published_total'] === 5);
    await first.stop();
    append(2);
    const second = scene.relay();
    await until(() => second.metrics()['relay_published_total'] === 2 && second.lag() === 0n);
    expect(await offsets()).toHaveLength(7);
  });

  it('publishes everything anew when the log is another one, and readers take nothing twice', async () => {
    append(5);
    const relay = scene.relay();
    const consumer = scene.consumer();
    await scene.untilTaken(5);
    await relay.stop();
    await consumer.stop();
    await log.pool.query('truncate bus_records, bus_topics');
    await log.pool.query('update bus_identity set identity = gen_random_uuid()');
    append(1);
    scene.relay();
    const again = scene.consumer();
    await scene.untilTaken(6);
    expect(await offsets()).toHaveLength(6);
    expect(again.metrics()['inbox_duplicates_total']).toBe(5);
    expect(await scene.takenOf(organisation)).toEqual(scene.events.positionsOf(organisation));
  });

  it('knows its lag while the log cannot be reached, and catches up after', async () => {
    let isDown = true;
    const bus = scene.bus();
    const relay = scene.relay({
      bus: busWith({
        identity: () => (isDown ? Promise.reject(new Error('down')) : bus.identity()),
      }),
    });
    append(10);
    await until(() => relay.lag() === scene.events.positionsOf(organisation).at(-1));
    expect(await offsets()).toEqual([]);
    isDown = false;
    await until(() => relay.lag() === 0n);
    expect(await offsets()).toHaveLength(10);
    expect(relay.metrics()['relay_failures_total']).toBeGreaterThan(0);
  });

  it('counts from where it was when it starts while the log cannot be reached', async () => {
    append(5);
    const first = scene.relay();
    await until(() => first.lag() === 0n && first.metrics()['relay_published_total'] === 5);
    await first.stop();
    append(2);
    const silent = new Gate();
    const bus = scene.bus();
    const identity = () => silent.pass().then(() => bus.identity());
    const second = scene.relay({ bus: busWith({ identity }) });
    second.nudge(await scene.events.head());
    expect(second.lag()).toBe(0n); // nothing is known yet
    await silent.reached;
    expect(second.lag()).toBe(4n); // two positions each
    silent.letThrough();
    await until(() => second.lag() === 0n);
    expect(await offsets()).toHaveLength(7);
  });

  it('does not wait for a log that is silent when it is told to stop', async () => {
    append(1);
    const silent = new Gate();
    const leading = scene.relay({ bus: busWith({ publish: () => silent.pass() }) });
    await silent.reached;
    await leading.stop();
    const { rows } = await service.pool.query('select position, lease_until from relay_checkpoints');
    expect(rows).toEqual([{ position: '0', lease_until: null }]);
    const unheard = scene.relay({ bus: busWith({ identity: () => new Promise(() => undefined) }) });
    await unheard.stop();
  });

  it('knows the lag of another process that leads', async () => {
    const gate = new Gate();
    const bus = scene.bus();
    const leader = scene.relay({
      bus: busWith({
        publish: async (topic, messages) => {
          await gate.pass();
          await bus.publish(topic, messages);
        },
      }),
    });
    append(4);
    await gate.reached;
    const follower = scene.relay({ leaseMs: 60_000 });
    await until(() => follower.lag() === 7n);
    expect(follower.metrics()['relay_leading']).toBe(0);
    gate.letThrough();
    await until(() => leader.lag() === 0n);
    await until(() => follower.lag() === 0n);
  });

  it('has one batch under way and cuts what would be too much at once', async () => {
    const published: number[] = [];
    let underWay = 0;
    let most = 0;
    const bus = scene.bus();
    append(20);
    const relay = scene.relay({
      bus: busWith({
        publish: async (topic: string, messages: readonly Message[]) => {
          underWay += 1;
          most = Math.max(most, underWay);
          await bus.publish(topic, messages);
          published.push(messages.length);
          underWay -= 1;
        },
      }),
      translate: () => [{ type: 'goal.v1.GoalAgreed', value: new Uint8Array(100 * 1024) }],
    });
    await until(() => relay.lag() === 0n && published.length > 0);
    expect({ published, most }).toEqual({ published: [7, 7, 6], most: 1 });
  });

  it('stays where it is when a translation fails, and says so', async () => {
    append(2);
    let isBroken = true;
    const relay = scene.relay({
      translate: () => {
        if (isBroken) throw new Error('no such field');
        return [{ type: 'goal.v1.GoalAgreed', value: new Uint8Array() }];
      },
    });
    await until(() => scene.errors.some(({ message }) => message === 'no such field'));
    expect(await offsets()).toEqual([]);
    isBroken = false;
    await until(() => relay.lag() === 0n && relay.metrics()['relay_published_total'] === 2);
  });

  it('moves the checkpoint only with the present epoch, and only from where it is', async () => {
    const row = { database: service.pool, source: 'goal', bus: 'log-1' };
    const [old, present] = [0, 1].map(() => new RelayCheckpoint(row, 60_000, scene.note));
    await old!.take();
    expect(await old!.move(0n, 5n)).toBe(true);
    await service.pool.query('update relay_checkpoints set lease_until = null');
    await present!.take();
    expect([await old!.move(5n, 6n), await present!.move(0n, 5n), await present!.move(5n, 9n)]).toEqual([
      false,
      false,
      true,
    ]);
    expect(await present!.position()).toBe(9n);
    await Promise.all([old!.release(), present!.release()]);
  });

  it('looks at once when nudged, however long it would have slept', async () => {
    let reads = 0;
    const log = {
      head: () => scene.events.head(),
      readAfter: (position: bigint, limit: number) => {
        reads += 1;
        return scene.events.readAfter(position, limit);
      },
    };
    const relay = scene.relay({ log, idleMs: 3_600_000 });
    await until(() => reads === 4); // from here it would sleep for as long as this test may take
    append(1);
    relay.nudge();
    await until(async () => (await offsets()).length === 1);
  });
});
