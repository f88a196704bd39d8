import { randomUUID } from 'node:crypto';
import { freshDatabase, type FreshDatabase } from '@oppi/testing';
import type { Batch, Message } from './bus';
import { Inbox } from './inbox';
import { InboxLog } from './inbox-log';
import { inboxMigrations } from './migrations';
import { ParkedMessages } from './parked-messages';
import { EventList } from './testing/event-list';
import { decoders, GOAL_ID, messageOf, publishAsAgreed } from './testing/scene';
import { toMessages } from './envelope';

const organisation = randomUUID();
const other = randomUUID();

describe('the inbox', () => {
  let fresh: FreshDatabase;
  let inbox: Inbox;
  let log: InboxLog;
  let events: EventList;

  beforeAll(async () => {
    fresh = await freshDatabase(inboxMigrations);
    inbox = new Inbox({ database: fresh.pool, decoders });
    log = new InboxLog({ database: fresh.pool, decoders });
  });

  beforeEach(async () => {
    events = new EventList();
    await fresh.pool.query('truncate inbox, inbox_marks, inbox_offsets, parked_messages');
  });

  afterAll(() => fresh.drop());

  const some = (count: number, subject = 'goal-1', of = organisation): Message[] =>
    Array.from({ length: count }, () => messageOf(events.append(of, subject)));

  const batch = (messages: readonly Message[], from: bigint, more: Partial<Batch> = {}): Batch => ({
    log: 'log-1',
    topic: 'goal.events.v1',
    partition: 0,
    from,
    logStart: 0n,
    logEnd: from + BigInt(messages.length),
    deliveries: messages.map((message, n) => ({ ...message, offset: from + BigInt(n) })),
    ...more,
  });

  /** Of one batch alone. */
  const take = async (one: Batch) => {
    const { intakes, appended } = await inbox.take([one]);
    return { ...intakes[0], appended };
  };

  const positions = async (): Promise<bigint[]> =>
    (await log.readAfter(0n, 100_000)).map(({ sourcePosition }) => sourcePosition);

  it('takes a batch in once, however often it comes', async () => {
    const first = batch(some(3), 0n);
    expect(await take(first)).toMatchObject({ kind: 'stored', appended: 3, next: 3n });
    expect(await take(first)).toMatchObject({ kind: 'stored', appended: 0, next: 3n });
    expect(await positions()).toEqual([1n, 3n, 5n]);
  });

  it('takes the new part of a batch that overlaps what it has', async () => {
    const messages = some(5);
    await take(batch(messages.slice(0, 3), 0n));
    expect(await take(batch(messages.slice(1), 1n))).toMatchObject({ kind: 'stored', appended: 2, next: 5n });
  });

  it('has a second guard against taking an event in twice, should the marks be gone', async () => {
    const messages = some(3);
    await take(batch(messages, 0n));
    await fresh.pool.query('truncate inbox_marks');
    expect(await take(batch([...messages, ...some(1)], 3n))).toMatchObject({ appended: 1, next: 7n });
    expect(await positions()).toEqual([1n, 3n, 5n, 7n]);
  });

  it('takes batches of several partitions in together, each by its own place, and knows in one what another brought', async () => {
    await take(batch(some(2, 'goal-1', other), 0n, { partition: 1 }));
    const facts = some(3);
    const { intakes, appended, head } = await inbox.take([
      batch(facts, 0n),
      batch(some(1), 9n, { partition: 1 }),
      batch(facts.slice(1), 0n, { partition: 2 }),
    ]);
    expect(intakes).toMatchObject([
      { kind: 'stored', next: 3n },
      { kind: 'ahead', next: 2n },
      { kind: 'stored', next: 2n, sorted: { duplicates: 2 } },
    ]);
    expect([appended, head]).toEqual([3, await log.head()]);
    const next = (partition: number) => inbox.nextOffset({ bus: 'log-1', topic: 'goal.events.v1', partition });
    expect(await Promise.all([0, 1, 2].map(next))).toEqual([3n, 2n, 2n]);
  });

  it('holds up in one partition what waits behind a message parked in another', async () => {
    const [unreadable] = some(1);
    const broken = { ...unreadable!, value: Uint8Array.of(0xff) };
    const { intakes } = await inbox.take([batch([broken], 0n), batch(some(1), 0n, { partition: 1 })]);
    expect(intakes).toMatchObject([{ sorted: { parked: [{}] } }, { sorted: { parked: [{}], accepted: [] } }]);
  });

  describe('of which nobody here handles anything', () => {
    const unheard = (count: number): Message[] =>
      some(count).map((message) => ({ ...message, headers: { ...message.headers, ce_type: 'goal.v1.Unheard' } }));
    /** Single statements on the pool; and connections that were taken, for these or for a transaction. */
    const roundTrips = (): number[] =>
      [fresh.pool.query, fresh.pool.connect].map((method) => jest.mocked(method).mock.calls.length);
    beforeEach(() => {
      jest.spyOn(fresh.pool, 'query');
      jest.spyOn(fresh.pool, 'connect');
    });
    afterEach(() => jest.restoreAllMocks());

    it('moves only its offset, without a transaction', async () => {
      await take(batch(some(2), 0n));
      const [statements, taken] = roundTrips() as [number, number];
      const passed = {
        kind: 'stored',
        appended: 0,
        next: 5n,
        sorted: { passedOver: new Map([['goal.v1.Unheard', 3]]) },
      };
      expect(await take(batch(unheard(3), 2n))).toMatchObject(passed);
      expect(roundTrips()).toEqual([statements + 1, taken + 1]);
      expect(await take(batch(some(1), 5n))).toMatchObject({ appended: 1, next: 6n });
    });

    it('is passed over at the beginning of a log, beside others, and again', async () => {
      expect(await take(batch(unheard(2), 0n))).toMatchObject({ kind: 'stored', next: 2n });
      const both = [batch(unheard(1), 2n), batch(some(1), 0n, { partition: 1 })];
      expect((await inbox.take(both)).intakes).toMatchObject([{ next: 3n }, { next: 1n, sorted: { accepted: [{}] } }]);
      expect(await take(batch(unheard(2), 0n))).toMatchObject({ kind: 'stored', next: 3n });
    });

    it('hides no gap and no loss', async () => {
      await take(batch(some(2), 0n));
      expect(await take(batch(unheard(1), 4n))).toMatchObject({ kind: 'ahead', next: 2n });
      const lost = batch(unheard(1), 2n, { logStart: 5n, deliveries: [{ ...unheard(1)[0]!, offset: 5n }], logEnd: 6n });
      expect(await take(lost)).toMatchObject({ kind: 'lost', reason: 'retention-passed', next: 2n });
    });
  });

  it('asks for what lies between when a batch is ahead', async () => {
    await take(batch(some(2), 0n));
    expect(await take(batch(some(2), 4n))).toEqual({ kind: 'ahead', next: 2n, appended: 0 });
  });

  it('accepts holes in the numbering of the log', async () => {
    const [first, second] = some(2);
    const deliveries = [
      { ...first!, offset: 0n },
      { ...second!, offset: 7n },
    ];
    await take(batch([], 0n, { deliveries, logEnd: 8n }));
    const [third] = some(1);
    const later = { deliveries: [{ ...third!, offset: 11n }], logEnd: 12n };
    expect(await take(batch([], 8n, later))).toMatchObject({ kind: 'stored', appended: 1, next: 12n });
  });

  it('says so when the log forgot what comes next, or holds less than was read from it', async () => {
    await take(batch(some(2), 0n));
    const forgotten = { logStart: 5n };
    expect(await take(batch(some(1), 5n, forgotten))).toMatchObject({ kind: 'lost', reason: 'retention-passed' });
    expect(await take(batch([], 2n, { logStart: 5n, logEnd: 5n }))).toMatchObject({ kind: 'lost' });
    expect(await take(batch([], 2n, { logEnd: 1n }))).toMatchObject({ kind: 'lost', reason: 'log-shorter' });
    expect(await positions()).toHaveLength(2);
  });

  it('takes what it was given though the log forgot it meanwhile', async () => {
    const trimmed = { logStart: 9n, logEnd: 9n };
    expect(await take(batch(some(2), 0n, trimmed))).toMatchObject({ kind: 'stored', appended: 2 });
  });

  it('is not frightened by a batch that was read long ago', async () => {
    const messages = some(4);
    await take(batch(messages, 0n));
    expect(await take(batch(messages.slice(0, 1), 0n))).toMatchObject({ kind: 'stored', next: 4n });
  });

  it('parks what PostgreSQL cannot even hold as text, and goes on', async () => {
    const odd = { ...some(1)[0]!, key: 'a\0b' };
    const lone = { ...some(1)[0]!, headers: { ce_subject: '\ud800', 'a\0b': 'c\0d' } };
    expect(await take(batch([odd, lone, ...some(1)], 0n))).toMatchObject({ appended: 1, next: 3n });
    expect(await new ParkedMessages({ database: fresh.pool, decoders }).count()).toBe(2);
  });

  it('keeps what is parked once, when its offsets are reset and all comes again', async () => {
    const nowhere = { ...some(1)[0]!, headers: {} }; // it does not say its place, so no mark tells that it was here
    const messages = [nowhere, ...some(2)];
    await take(batch(messages, 0n));
    await fresh.pool.query('truncate inbox_offsets');
    expect(await take(batch(messages, 0n))).toMatchObject({ kind: 'stored', appended: 0, next: 3n });
    const parked = await new ParkedMessages({ database: fresh.pool, decoders }).count();
    expect([parked, await positions()]).toEqual([1, [3n, 5n]]);
  });

  it('believes nothing of a message that it cannot read, and parks it once however often it comes', async () => {
    const invented = messageOf(events.append(organisation, 'goal-9'), {
      headers: { ce_position: String(2n ** 62n) },
      value: Uint8Array.of(0xff),
    });
    const facts = some(3);
    await take(batch([invented, ...facts.slice(0, 1)], 0n));
    await take(batch([invented, invented, ...facts.slice(1)], 2n));
    expect(await positions()).toEqual([3n, 5n, 7n]);
    expect(await new ParkedMessages({ database: fresh.pool, decoders }).count()).toBe(1);
  });

  it('keeps the offsets of each log apart', async () => {
    await take(batch(some(2), 0n));
    const partition = { topic: 'goal.events.v1', partition: 0 };
    expect(await inbox.nextOffset({ bus: 'log-1', ...partition })).toBe(2n);
    expect(await inbox.nextOffset({ bus: 'log-2', ...partition })).toBe(0n);
  });

  it('commits positions in their order, though several partitions are taken in at once', async () => {
    let highest = 0n;
    let isDone = false;
    const reading = (async () => {
      const seen: bigint[] = [];
      while (!isDone) {
        const read = await log.readAfter(highest, 1_000);
        seen.push(...read.map(({ position }) => position));
        highest = seen.at(-1) ?? 0n;
      }
      seen.push(...(await log.readAfter(highest, 10_000)).map(({ position }) => position));
      return seen;
    })();
    const takeAll = async (partition: number): Promise<void> => {
      const of = randomUUID();
      for (let n = 0n; n < 20n; n += 1n) await take(batch(some(10, 'goal-1', of), n * 10n, { partition }));
    };
    await Promise.all([0, 1, 2, 3].map(takeAll));
    isDone = true;
    expect(await reading).toHaveLength(800);
  });

  it('gives back all of an event', async () => {
    const event = {
      ...events.append(organisation, 'goal-7'),
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    };
    await take(batch(toMessages('goal', event, publishAsAgreed(event)), 0n));
    const { eventId, occurredAt, recordedAt, correlationId, traceparent } = event;
    expect(await log.readAfter(0n, 10)).toEqual([
      {
        position: await log.head(),
        organisationId: organisation,
        source: 'goal',
        sourcePosition: 1n,
        index: 0,
        eventId,
        type: 'goal.v1.GoalAgreed',
        subject: 'goal-7',
        streamVersion: 1,
        data: { goalId: GOAL_ID },
        actorId: 'sponsor-1',
        actorRole: 'sponsor',
        occurredAt,
        recordedAt,
        correlationId,
        traceparent,
      },
    ]);
  });

  it('reads subjects of one organisation, and what was recorded by a moment', async () => {
    await take(batch([...some(2, 'goal-1'), ...some(2, 'goal-2'), ...some(1, 'goal-1', other)], 0n));
    const read = async (...asked: Parameters<InboxLog['readSubjects']>) =>
      (await log.readSubjects(...asked)).map(({ subject, sourcePosition }) => `${subject} ${sourcePosition}`);
    expect(await read(organisation, ['goal-1'])).toEqual(['goal-1 1', 'goal-1 3']);
    expect(await read(organisation, ['goal-2', 'goal-1'])).toEqual(['goal-1 1', 'goal-1 3', 'goal-2 5', 'goal-2 7']);
    expect(await read(organisation, ['goal-1'], '2026-01-01T00:00:00.001Z')).toEqual(['goal-1 1']);
  });

  it('refuses to read on without a decoder that it once had', async () => {
    await take(batch(some(1), 0n));
    const without = new InboxLog({ database: fresh.pool, decoders: {} });
    await expect(without.readAfter(0n, 1)).rejects.toThrow('no decoder for goal.v1.GoalAgreed');
  });
});
