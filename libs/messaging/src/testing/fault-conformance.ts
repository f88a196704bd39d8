import { randomUUID } from 'node:crypto';
import type { Bus } from '../bus';
import { Gate, messageOf, Scene, until } from './scene';
import type { Stage } from './stage';

/** Deaths of connections, of the log and of leaders in mid-stream; a log that forgot too much. */
export const faultConformance = (stage: () => Stage): void => {
  let scene: Scene;
  const organisations = [randomUUID(), randomUUID(), randomUUID()];

  beforeEach(async () => {
    scene = await Scene.open(stage());
  });

  afterEach(() => scene.end(), 30_000);

  const append = (count: number): void => {
    for (let n = 0; n < count; n += 1) scene.events.append(organisations[n % 3]!, `goal-${n % 11}`);
  };

  const expectAllOnceInOrder = async (): Promise<void> => {
    for (const organisation of organisations)
      expect(await scene.takenOf(organisation)).toEqual(scene.events.positionsOf(organisation));
  };

  it('drops what a leader publishes that slept past its lease, and that leader steps down', async () => {
    append(30);
    const gate = new Gate();
    const bus = scene.bus();
    const heldAtPublishing: Bus = {
      identity: () => bus.identity(),
      publish: async (topic, messages) => {
        await gate.pass();
        await bus.publish(topic, messages);
      },
      subscribe: (options) => bus.subscribe(options),
      close: () => bus.close(),
    };
    const asleep = scene.relay({ bus: heldAtPublishing, batchSize: 20 });
    const consumer = scene.consumer();
    await gate.reached;
    await scene.database.query(`update relay_checkpoints set lease_until = now() - interval '1 minute'`);
    const awake = scene.relay({ batchSize: 7 });
    await scene.untilTaken(30);
    gate.letThrough();
    await until(() => consumer.metrics()['inbox_duplicates_total'] === 20);
    await until(() => asleep.metrics()['relay_leading'] === 0);
    append(30);
    await scene.untilTaken(60);
    await expectAllOnceInOrder();
    await until(() => awake.lag() === 0n);
    const { rows } = await scene.database.query<{ position: string }>('select position from relay_checkpoints');
    expect(rows).toEqual([{ position: (await scene.events.head()).toString() }]);
  });

  it('says halt when the log no longer holds what comes next, and goes on when told to', async () => {
    append(9);
    const relay = scene.relay();
    const first = scene.consumer();
    await scene.untilTaken(9);
    await first.stop();
    append(9);
    await until(() => relay.metrics()['relay_published_total'] === 18);
    await stage().trim(scene.topic, 18n);
    const second = scene.consumer();
    await until(() => second.state().status === 'halted');
    const lost = { topic: scene.topic, partition: 0, nextOffset: 9n, logStart: 18n, reason: 'retention-passed' };
    expect(second.state()).toMatchObject(lost);
    expect(scene.errors.at(-1)?.message).toContain('halts');
    await second.stop();
    const { topic } = scene;
    await scene.inbox().giveUpBelow({ bus: await scene.bus().identity(), topic, partition: 0 }, 18n);
    second.start();
    append(3);
    await scene.untilTaken(12);
    expect(second.state()).toEqual({ status: 'running' });
  });

  it('loses nothing when connections are cut in mid-stream', async () => {
    scene.relay({ batchSize: 25 });
    scene.consumer();
    for (let round = 1; round <= 5; round += 1) {
      append(300);
      await scene.untilTaken(round * 300 - 250);
      await stage().cutConnections();
    }
    await scene.untilTaken(1_500);
    await expectAllOnceInOrder();
  }, 60_000);

  it('loses nothing when the log is killed in mid-stream', async () => {
    scene.relay({ batchSize: 25 });
    scene.consumer();
    for (let round = 1; round <= 2; round += 1) {
      append(600);
      await scene.untilTaken(round * 600 - 500);
      await stage().crash();
    }
    await scene.untilTaken(1_200);
    await expectAllOnceInOrder();
  }, 120_000);

  it('takes in ten thousand and more once each, under two leaders, two readers and a hail of faults', async () => {
    const total = 15_000;
    scene.relay({ batchSize: 400 });
    scene.relay({ batchSize: 300 });
    scene.consumer();
    scene.consumer();
    const faults = [
      () => stage().cutConnections(),
      () => stage().depose(scene.group),
      () => scene.database.query('update relay_checkpoints set owner = null, lease_until = null').then(() => undefined),
      () => stage().crash(),
    ];
    for (let round = 0; round < 12; round += 1) {
      append(total / 12);
      await scene.untilTaken((round * total) / 12 + 1);
      await faults[round % 4]!();
    }
    await scene.untilTaken(total);
    await expectAllOnceInOrder();
  }, 240_000);

  it('keeps what was acknowledged when the log is killed right after', async () => {
    const event = scene.events.append(organisations[0]!, 'goal-1');
    const bus = scene.bus();
    await bus.publish(scene.topic, [messageOf(event)]);
    await stage().crash();
    scene.consumer();
    await scene.untilTaken(1);
    await expectAllOnceInOrder();
  }, 60_000);
};
