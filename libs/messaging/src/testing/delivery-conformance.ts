import { randomUUID } from 'node:crypto';
import type { Batch, Delivery } from '../bus';
import { Gate, messageOf, Scene, until } from './scene';
import type { Stage } from './stage';

/** Order, completeness, repetition, taking over. */
export const deliveryConformance = (stage: () => Stage): void => {
  let scene: Scene;

  beforeEach(async () => {
    scene = await Scene.open(stage());
  });

  afterEach(() => scene.end(), 30_000);

  const publish = async (count: number): Promise<void> => {
    const organisationId = randomUUID();
    const events = Array.from({ length: count }, () => scene.events.append(organisationId, 'goal-1'));
    await scene.bus().publish(
      scene.topic,
      events.map((event) => messageOf(event)),
    );
  };

  /** Collects what a member reads from the beginning; `onBatch` may fail first. */
  const collect = (onBatch: (batch: Batch) => Promise<void> = () => Promise.resolve()): Delivery[] => {
    const read: Delivery[] = [];
    scene.bus().subscribe({
      group: scene.group,
      topics: [scene.topic],
      startAt: () => Promise.resolve(read.at(-1) ? read.at(-1)!.offset + 1n : 0n),
      onBatch: async (batch) => {
        await onBatch(batch);
        read.push(...batch.deliveries);
        return {};
      },
      onError: scene.note,
    });
    return read;
  };

  it('gives back what was published: key, bytes and headers, at rising offsets', async () => {
    const key = randomUUID();
    const messages = [
      { key, value: Uint8Array.from({ length: 256 }, (_, byte) => byte), headers: { plain: 'text', odd: '"\\{é\n☃}' } },
      { key, value: new Uint8Array(0), headers: {} },
    ];
    await scene.bus().publish(scene.topic, messages);
    const read = collect();
    await until(() => read.length === 2);
    expect(read.map(({ key, value, headers }) => ({ key, value: new Uint8Array(value), headers }))).toEqual(messages);
    expect(read[1]!.offset).toBeGreaterThan(read[0]!.offset);
  });

  it('wakes a reader that waits, and reads topics that did not exist when it came', async () => {
    const read = collect();
    await publish(1);
    await until(() => read.length === 1);
    await publish(2);
    await until(() => read.length === 3);
  });

  it('has nothing to say of an idle topic', async () => {
    const batches: Batch[] = [];
    collect((batch) => Promise.resolve(void batches.push(batch)));
    await publish(1);
    await until(() => batches.length > 0);
    expect(batches.map(({ deliveries }) => deliveries.length)).toEqual([1]);
  });

  it('hands a batch over again until it is taken, from the same place', async () => {
    await publish(3);
    const tries: bigint[] = [];
    const read = collect(({ deliveries }) => {
      tries.push(deliveries[0]!.offset);
      return tries.length < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve();
    });
    await until(() => read.length === 3);
    expect(new Set(tries).size).toBe(1);
    expect(scene.errors.map(({ message }) => message)).toEqual(['not yet', 'not yet']);
  });

  it('goes where the handler sends it, and leaves to another member when told to halt', async () => {
    await publish(5);
    const begins: bigint[] = [];
    scene.bus().subscribe({
      group: scene.group,
      topics: [scene.topic],
      startAt: () => Promise.resolve(0n),
      onBatch: ({ deliveries }) => {
        begins.push(deliveries[0]!.offset);
        return Promise.resolve(begins.length === 1 ? { seekTo: deliveries[3]!.offset } : { halt: true });
      },
      onError: scene.note,
    });
    await until(() => begins.length === 2);
    const successor = collect();
    await until(() => successor.length === 5);
    expect(begins.map((offset) => offset - begins[0]!)).toEqual([0n, 3n]);
  });

  it('keeps the order of each organisation where several are mixed', async () => {
    const organisations = [randomUUID(), randomUUID(), randomUUID()];
    for (let n = 0; n < 900; n += 1) scene.events.append(organisations[n % 3]!, `goal-${n % 7}`);
    scene.relay({ batchSize: 70 });
    scene.consumer();
    await scene.untilTaken(900);
    for (const organisation of organisations)
      expect(await scene.takenOf(organisation)).toEqual(scene.events.positionsOf(organisation));
  });

  it('takes nothing in twice when a batch was committed and its handler failed after all', async () => {
    const organisation = randomUUID();
    let failures = 0;
    scene.relay();
    const consumer = scene.consumer({
      onAppended: () => {
        failures += 1;
        if (failures < 3) throw new Error('died after the commit');
      },
    });
    for (let taken = 10; taken <= 50; taken += 10) {
      for (let n = 0; n < 10; n += 1) scene.events.append(organisation, 'goal-1');
      await scene.untilTaken(taken);
    }
    expect(await scene.takenOf(organisation)).toEqual(scene.events.positionsOf(organisation));
    expect(consumer.metrics()['inbox_failures_total']).toBe(2);
  });

  it('lets a second member take over when the first one stops', async () => {
    const organisation = randomUUID();
    scene.events.append(organisation, 'goal-1');
    scene.relay();
    const first = scene.consumer();
    await scene.untilTaken(1);
    const second = scene.consumer();
    await first.stop();
    scene.events.append(organisation, 'goal-1');
    await scene.untilTaken(2);
    expect(second.metrics()['inbox_appended_total']).toBe(1);
  });

  it('applies nothing twice when a reader wakes that was given up as dead', async () => {
    const organisation = randomUUID();
    for (let n = 0; n < 20; n += 1) scene.events.append(organisation, 'goal-1');
    const inbox = scene.inbox();
    const gate = new Gate();
    const late: string[] = [];
    scene.bus().subscribe({
      group: scene.group,
      topics: [scene.topic],
      startAt: () => Promise.resolve(0n),
      onBatch: async (batch) => {
        await gate.pass();
        const { intakes, appended } = await inbox.take([batch]);
        late.push(`${intakes[0]?.kind} ${appended}`);
        return { halt: true };
      },
      onError: scene.note,
    });
    scene.relay();
    await gate.reached;
    await stage().depose(scene.group);
    scene.consumer();
    await scene.untilTaken(20);
    gate.letThrough();
    await until(() => late.length === 1);
    expect(late).toEqual(['stored 0']);
    expect(await scene.takenOf(organisation)).toEqual(scene.events.positionsOf(organisation));
  });
};
