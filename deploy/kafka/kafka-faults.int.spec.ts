import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { busMigrations, type Bus, openBus } from '@oppi/messaging';
import { Gate, messageOf, Scene, until } from '@oppi/messaging/testing';
import { describeIfAvailable, freshDatabase } from '@oppi/testing';
import { ROOT } from '../local/layout';
import { whatIsMissing } from './jars';
import { type KafkaStage, kafkaStage } from './kafka-stage.fixtures';
import { startBroker } from './start-broker';

jest.setTimeout(60_000);

const missing = whatIsMissing(ROOT);

describeIfAvailable('the bus on Kafka', missing === undefined, missing ?? '', () => {
  let stage: KafkaStage;
  let scene: Scene;
  const organisation = randomUUID();

  beforeAll(async () => {
    stage = await kafkaStage();
  }, 120_000);

  beforeEach(async () => {
    scene = await Scene.open(stage);
  });

  afterEach(() => scene.end(), 30_000);

  afterAll(() => stage.end(), 60_000);

  const append = (count: number, of = organisation): void => {
    for (let n = 0; n < count; n += 1) scene.events.append(of, `goal-${n % 7}`);
  };

  const expectAllOnceInOrder = async (...organisations: string[]): Promise<void> => {
    for (const one of organisations) expect(await scene.takenOf(one)).toEqual(scene.events.positionsOf(one));
  };

  /** Offsets of everything in the topic's only partition. */
  const offsets = async (): Promise<bigint[]> => {
    const seen: bigint[] = [];
    let end: bigint | undefined;
    const watcher = scene.bus().subscribe({
      group: `watcher-${randomUUID()}`,
      topics: [scene.topic],
      startAt: () => Promise.resolve(0n),
      onBatch: ({ deliveries, logEnd }) => {
        seen.push(...deliveries.map(({ offset }) => offset));
        end = logEnd;
        return Promise.resolve({});
      },
      onError: scene.note,
    });
    await until(() => end !== undefined && (seen.at(-1) ?? -1n) === end - 1n);
    await watcher.stop();
    return seen;
  };

  it('writes a batch once whose acknowledgement was lost on the way', async () => {
    const bus = scene.bus();
    await bus.publish(scene.topic, [messageOf(scene.events.append(organisation, 'goal-1'))]);
    const lost = stage.wire.loseAcknowledgement();
    append(9);
    const rest = (await scene.events.readAfter(1n, 9)).map((event) => messageOf(event));
    await Promise.all([bus.publish(scene.topic, rest), lost]);
    await bus.publish(scene.topic, [messageOf(scene.events.append(organisation, 'goal-1'))]);
    expect(await offsets()).toHaveLength(11);
  });

  it('drops what was written though its publishing failed', async () => {
    const bus = scene.bus();
    let failures = 0;
    const failing: Bus = {
      identity: () => bus.identity(),
      publish: async (topic, messages) => {
        await bus.publish(topic, messages);
        failures += 1;
        if (failures < 3) throw new Error('the acknowledgement was lost');
      },
      subscribe: (options) => bus.subscribe(options),
      close: () => bus.close(),
    };
    append(20);
    scene.relay({ bus: failing });
    const consumer = scene.consumer();
    await until(() => consumer.metrics()['inbox_duplicates_total'] === 40);
    expect(await offsets()).toHaveLength(60);
    await expectAllOnceInOrder(organisation);
  });

  it('applies nothing twice when the offsets are lost and everything is read from the beginning', async () => {
    append(30);
    scene.relay();
    const first = scene.consumer();
    await scene.untilTaken(30);
    await first.stop();
    await scene.database.query('delete from inbox_offsets');
    const second = scene.consumer();
    await until(() => second.metrics()['inbox_duplicates_total'] === 30);
    append(1);
    await scene.untilTaken(31);
    await expectAllOnceInOrder(organisation);
  });

  it.each([12n, 18n])('halts in mid-stream when retention has passed it, to %s of 18', async (logStart) => {
    append(9);
    const relay = scene.relay();
    const inbox = scene.inbox();
    const take = inbox.take.bind(inbox);
    const gate = new Gate();
    inbox.take = async (batch) => {
      const intake = await take(batch);
      await gate.pass();
      return intake;
    };
    const consumer = scene.consumer({ inbox });
    await gate.reached;
    append(9);
    await until(() => relay.metrics()['relay_published_total'] === 18);
    await stage.trim(scene.topic, logStart);
    gate.letThrough();
    await until(() => consumer.state().status === 'halted');
    expect(consumer.state()).toMatchObject({ reason: 'retention-passed', nextOffset: 9n, logStart, logEnd: 18n });
    expect(consumer.metrics()['inbox_appended_total']).toBe(9);
    expect(scene.errors.map(({ message }) => message)).toEqual([expect.stringContaining('The inbox halts')]);
  });

  it('shares twelve partitions among members that come and go, each organisation in its order', async () => {
    const organisations = Array.from({ length: 30 }, () => randomUUID());
    const round = (): void => organisations.forEach((one) => append(5, one));
    const consumer = () => scene.consumer({ bus: stage.connectTo(12) });
    scene.relay({ bus: stage.connectTo(12), batchSize: 40 });
    const first = consumer();
    round();
    await scene.untilTaken(150);
    const second = consumer();
    for (let taken = 300; second.metrics()['inbox_appended_total'] === 0 || taken < 600; taken += 150) {
      round();
      await scene.untilTaken(taken);
    }
    const before = scene.events.length;
    await first.stop();
    round();
    await scene.untilTaken(before + 150);
    await expectAllOnceInOrder(...organisations);
    const { rows } = await scene.database.query<{ partitions: number }>(
      'select count(*)::integer as partitions from inbox_offsets',
    );
    expect(rows[0]!.partitions).toBeGreaterThan(6);
  }, 60_000);

  it('replaces a reader that stands still though there is something to read', async () => {
    append(5);
    scene.relay();
    const consumer = scene.consumer();
    await scene.untilTaken(5);
    stage.wire.silenceReaders();
    append(5);
    await scene.untilTaken(10);
    expect(scene.errors.map(({ message }) => message)).toEqual([
      `The consumer of ${scene.topic}/0 made no progress and is replaced.`,
    ]);
    expect(consumer.metrics()['inbox_appended_total']).toBe(10);
    await expectAllOnceInOrder(organisation);
  }, 90_000); // the group waits a session for the one that was given up

  const faults = {
    'falls silent': { begin: () => stage.wire.fallSilent(), end: () => stage.wire.speakAgain() },
    'is killed': { begin: () => stage.broker.kill9(), end: () => stage.broker.start() },
  };

  describe.each(Object.entries(faults))('when the broker %s in the middle of everything', (_name, { begin, end }) => {
    afterEach(() => end(), 60_000);

    // Unanswered requests time out after 30 s and are repeated five times: whoever waited for them would not be done in 20.
    it('lets go of it', async () => {
      append(5);
      const relay = scene.relay();
      const consumer = scene.consumer();
      const bus = scene.bus();
      await scene.untilTaken(5);
      await begin();
      append(5);
      const late = scene.consumer({ bus });
      const publishing = bus.publish(scene.topic, [messageOf(scene.events.append(organisation, 'goal-1'))]);
      await Promise.all([
        relay.stop(),
        consumer.stop(),
        late.stop(),
        bus.close(),
        expect(publishing).rejects.toThrow(),
      ]);
      await scene.end();
    }, 20_000);
  });

  it('starts while there is no broker, and takes everything in once there is one', async () => {
    await stage.broker.kill9();
    append(10);
    const relay = scene.relay();
    const consumer = scene.consumer();
    await until(() => relay.metrics()['relay_failures_total']! > 0 && consumer.metrics()['inbox_failures_total']! > 0);
    await stage.broker.start();
    await scene.untilTaken(10);
    await expectAllOnceInOrder(organisation);
  }, 120_000);

  it('leaves its group though it is told to while it still joins', async () => {
    const { group, topic, note } = scene;
    const subscribe = (bus: Bus) =>
      bus.subscribe({
        group,
        topics: [topic],
        startAt: () => Promise.resolve(0n),
        onBatch: () => Promise.resolve({}),
        onError: note,
      });
    await scene.bus().publish(topic, [messageOf(scene.events.append(organisation, 'goal-1'))]);
    const subscription = subscribe(scene.bus());
    await until(async () => (await stage.groupMembers(group)).length === 1);
    await subscription.stop();
    expect(await stage.groupMembers(group)).toEqual([]);
    expect(scene.errors).toEqual([]);
  });

  it('gives way to the embedded log and back on one store, and nothing is lost or taken twice', async () => {
    const log = await freshDatabase(busMigrations);
    const buses = [log.url, stage.broker.url, log.url, stage.broker.url];
    for (const [n, url] of buses.entries()) {
      const bus = openBus({ url, onError: scene.note });
      append(25);
      const relay = scene.relay({ bus });
      const consumer = scene.consumer({ bus });
      await scene.untilTaken((n + 1) * 25);
      await relay.stop();
      await consumer.stop();
      await bus.close();
      await expectAllOnceInOrder(organisation);
    }
    const { rowCount } = await scene.database.query(
      'select from relay_checkpoints where position = any($1::bigint[])',
      [[149, 199]],
    );
    expect(rowCount).toBe(2);
    await log.drop();
  }, 60_000);
});

describeIfAvailable('Kafka behind TLS and a login', missing === undefined, missing ?? '', () => {
  const login = { user: 'oppi', password: 'only-for-this-test' };

  it('lets in who has the password and trusts the certificate, and nobody else', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oppi-kafka-'));
    const broker = await startBroker({ folder, root: ROOT, login, temporary: true });
    const outcomes: Record<string, boolean> = {};
    const addresses = {
      'as it should be': broker.url,
      'another password': broker.url.replace(login.password, 'guessed'),
      'a certificate nobody knows': broker.url.replace(/\?.*/, ''),
      'an open line': `kafka://${broker.brokers}`,
    };
    for (const [name, url] of Object.entries(addresses)) {
      const bus = openBus({ url, onError: () => undefined });
      const message = { key: 'organisation', value: Uint8Array.from([1]), headers: {} };
      outcomes[name] = await bus.publish('goal.events.v1', [message]).then(
        () => true,
        () => false,
      );
      await bus.close();
    }
    expect(outcomes).toEqual({
      'as it should be': true,
      'another password': false,
      'a certificate nobody knows': false,
      'an open line': false,
    });
    await broker.stop();
  }, 180_000);
});
