import { randomUUID } from 'node:crypto';
import type { Message } from '../bus';
import type { Decoders } from '../reading';
import { decoders, GOAL_AGREED, messageOf, Scene, until } from './scene';
import type { Stage } from './stage';

// A field of 5 bytes of which only one is there.
const TORN = Uint8Array.from([10, 5, 65]);

// A goal named "A", which decodes well.
const NO_ID = Uint8Array.from([10, 1, 65]);

const TEN_THOUSAND = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`x-${n}`, '1']));

/** Takes any bytes, as a decoder does after it was mended. */
const mended: Decoders = { [GOAL_AGREED]: (value) => ({ bytes: Buffer.from(value).toString('hex') }) };

/** Messages that nobody can read: parked, waited for, tried again. */
export const parkingConformance = (stage: () => Stage): void => {
  let scene: Scene;
  const organisation = randomUUID();
  const other = randomUUID();

  beforeEach(async () => {
    scene = await Scene.open(stage());
  });

  afterEach(() => scene.end(), 30_000);

  const publish = (...messages: Message[]): Promise<void> => scene.bus().publish(scene.topic, messages);
  const next = (stream: string, of = organisation) => scene.events.append(of, stream);
  const good = (stream: string, of = organisation): Message => messageOf(next(stream, of));
  const torn = (stream: string): Message => messageOf(next(stream), { value: TORN });
  /** Versions of an aggregate in the inbox, decodable or not. */
  const versions = async (subject: string): Promise<number[]> => {
    const { rows } = await scene.database.query<{ stream_version: number }>(
      'select stream_version from inbox where subject = $1 order by position',
      [subject],
    );
    return rows.map((row) => row.stream_version);
  };

  const faults: [string, object | { value: Uint8Array } | { key: string }, string][] = [
    ['bytes that are no such message', { value: TORN }, 'the value is no goal.v1.GoalAgreed'],
    ['an id that is none', { value: NO_ID }, 'goalId is no id in a goal.v1.GoalAgreed'],
    ['no organisation', { headers: { ce_organisationid: undefined } }, 'ce_organisationid is missing'],
    ['another organisation in the key', { key: other }, 'the key and the organisation in the headers differ'],
    ['a position that is none', { headers: { ce_position: '-1' } }, 'ce_position is malformed'],
    ['a time that is none', { headers: { ce_time: '2026-02-30T00:00:00Z' } }, 'ce_time is no time'],
    ['no subject', { headers: { ce_subject: undefined } }, 'ce_subject is missing'],
    ['a control character', { headers: { ce_actorid: 'a\0b' } }, 'ce_actorid is malformed'],
    ['another version of CloudEvents', { headers: { ce_specversion: '0.3' } }, 'ce_specversion is not 1.0'],
    ['another encoding', { headers: { 'content-type': 'text/plain' } }, 'content-type is not application/protobuf'],
    ['ten thousand headers', { headers: TEN_THOUSAND }, 'there are more than 64 headers'],
    ['too many bytes (LIM-14)', { value: new Uint8Array(256 * 1024 + 1) }, 'the value is larger than 256 KiB'],
  ];

  it.each(faults)('parks a message with %s, and others go on', async (_fault, change, reason) => {
    const consumer = scene.consumer();
    await publish(messageOf(next('goal-1'), change), good('goal-2'), good('goal-3', other));
    await scene.untilTaken(2);
    expect(await scene.park().list(undefined, 10)).toMatchObject([{ reason, offset: 0n, topic: scene.topic }]);
    expect(consumer.metrics()).toMatchObject({ inbox_parked_total: 1, inbox_appended_total: 2 });
  });

  it('counts a type that nobody handles and passes over it', async () => {
    const consumer = scene.consumer();
    await publish(messageOf(next('goal-1'), { headers: { ce_type: 'goal.v1.GoalSung' } }), good('goal-1'));
    await scene.untilTaken(1);
    expect(consumer.metrics()).toMatchObject({ inbox_passed_over_total: 1, inbox_parked_total: 0 });
    expect(await versions('goal-1')).toEqual([2]);
  });

  it('lets later messages of the same aggregate wait behind a parked one, in other batches too', async () => {
    scene.consumer();
    await publish(good('goal-1'), torn('goal-1'), good('goal-1'), good('goal-2'));
    await scene.untilTaken(2);
    await publish(good('goal-1'), good('goal-2'));
    await scene.untilTaken(3);
    expect([await versions('goal-1'), await versions('goal-2')]).toEqual([[1], [1, 2]]);
    expect(await scene.park().count(organisation)).toBe(3);
  });

  it('lets a whole organisation wait where order is wanted across its aggregates', async () => {
    scene.consumer({ inbox: scene.inbox({ parkBy: 'organisation' }) });
    await publish(torn('goal-1'), good('goal-2'), good('goal-3', other));
    await scene.untilTaken(1);
    await publish(good('goal-2'), good('goal-3', other));
    await scene.untilTaken(2);
    expect([await versions('goal-2'), await versions('goal-3')]).toEqual([[], [1, 2]]);
    const mind = { parkBy: 'organisation', decoders: mended } as const;
    expect(await scene.park(mind).redrive()).toEqual({ redriven: 3, stillParked: 0 });
    expect(await versions('goal-2')).toEqual([1, 2]);
  });

  it('redrives what can be read by now, in order, and a second time nothing more', async () => {
    scene.consumer();
    await publish(torn('goal-1'), good('goal-1'), good('goal-1'), good('goal-2'));
    await scene.untilTaken(1);
    expect(await scene.park().redrive(organisation)).toEqual({ redriven: 0, stillParked: 3 });
    expect(await scene.park({ decoders: mended }).redrive(other)).toEqual({ redriven: 0, stillParked: 0 });
    expect(await scene.park({ decoders: mended }).redrive(organisation)).toEqual({ redriven: 3, stillParked: 0 });
    expect(await scene.park({ decoders: mended }).redrive(organisation)).toEqual({ redriven: 0, stillParked: 0 });
    expect(await versions('goal-1')).toEqual([1, 2, 3]);
    await publish(good('goal-1'));
    await scene.untilTaken(5);
    expect(await versions('goal-1')).toEqual([1, 2, 3, 4]);
  });

  it('keeps a line waiting whose first message still cannot be read', async () => {
    scene.consumer();
    await publish(torn('goal-1'), good('goal-1'), messageOf(next('goal-2'), { value: Uint8Array.from([10, 9]) }));
    await publish(good('goal-3'));
    await scene.untilTaken(1);
    const onlyTorn: Decoders = {
      [GOAL_AGREED]: (value) => (value[1] === 9 ? decoders[GOAL_AGREED]!(value) : { bytes: 'read' }),
    };
    expect(await scene.park({ decoders: onlyTorn }).redrive()).toEqual({ redriven: 2, stillParked: 1 });
    expect(await scene.park().list(organisation, 10)).toMatchObject([{ subject: 'goal-2' }]);
  });

  it('parks a message once though it is published again', async () => {
    const consumer = scene.consumer();
    const poison = torn('goal-1');
    const behind = good('goal-1');
    await publish(poison, behind, poison, behind);
    await until(() => consumer.metrics()['inbox_duplicates_total'] === 2);
    expect(await scene.park().count()).toBe(2);
    await scene.park({ decoders: mended }).redrive();
    await publish(poison, behind);
    await until(() => consumer.metrics()['inbox_duplicates_total'] === 4);
    expect(await versions('goal-1')).toEqual([1, 2]);
  });
};
