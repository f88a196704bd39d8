import fc from 'fast-check';
import type { Envelope } from './envelope';
import { type Arrival, type Mark, type ParkBy, placeOf, sortOut } from './sorting';

type Sent = Readonly<{ organisationId: string; position: bigint; index: number }>;

const envelopeOf = ({ organisationId, position, index }: Sent): Envelope => ({
  organisationId,
  position,
  index,
  source: 'goal',
  eventId: `event-${position}`,
  type: 'goal.v1.GoalAgreed',
  subject: `goal-${position % 3n}`,
  streamVersion: 1,
  actorId: 'a',
  actorRole: 'sponsor',
  occurredAt: '2026-01-01T00:00:00.000Z',
  recordedAt: '2026-01-01T00:00:00.000Z',
  correlationId: 'c',
});

const arrivalOf = (sent: Sent, offset: number, isPoison = false): Arrival => {
  const envelope = envelopeOf(sent);
  return {
    delivery: { key: sent.organisationId, value: new Uint8Array(), headers: {}, offset: BigInt(offset) },
    reading: isPoison ? { kind: 'refused', reason: 'poison', known: envelope } : { kind: 'event', envelope },
  };
};

/** A relay as far as order goes: what it believes, and the step it will take next. */
type Leader = { epoch: number; checkpoint: number; batch: number[]; step: 'lead' | 'read' | 'publish' | 'move' };

/**
 * Any number of relays that believe to lead, each stopped at any step for any time, over one store and one log. As in the
 * real one, a move counts only if epoch and position are still the stored ones.
 */
const publishWithZombies = (
  events: readonly Sent[][],
  schedule: readonly { leader: number; size: number }[],
): Sent[] => {
  const log: Sent[] = [];
  const stored = { epoch: 0, position: 0 };
  const leaders = [0, 1, 2].map((): Leader => ({ epoch: 0, checkpoint: 0, batch: [], step: 'lead' }));
  const act: Record<Leader['step'], (leader: Leader, size: number) => Leader['step']> = {
    lead: (leader) => {
      stored.epoch += 1;
      leader.epoch = stored.epoch;
      leader.checkpoint = stored.position;
      return 'read';
    },
    read: (leader, size) => {
      leader.batch = events.slice(leader.checkpoint, leader.checkpoint + size).map((_, n) => leader.checkpoint + n);
      return 'publish';
    },
    publish: (leader, size) => {
      // A publish may fail half-way: some of it is in the log, and the leader begins anew.
      const isCut = size === 1 && leader.batch.length > 1;
      log.push(...leader.batch.slice(0, isCut ? 1 : undefined).flatMap((n) => events[n] ?? []));
      return isCut ? 'lead' : 'move';
    },
    move: (leader) => {
      if (stored.epoch !== leader.epoch || stored.position !== leader.checkpoint) return 'lead';
      stored.position = leader.checkpoint + leader.batch.length;
      leader.checkpoint = stored.position;
      return 'read';
    },
  };
  for (const { leader: number, size } of schedule) {
    const leader = leaders[number];
    if (leader) leader.step = act[leader.step](leader, size);
  }
  return log;
};

/** Feeds the log to the consumer in batches of any size, carrying marks and held lines on as the tables would. */
const consume = (log: readonly Arrival[], sizes: readonly number[], parkBy: ParkBy) => {
  const marks = new Map<string, Mark>();
  const held = new Set<string>();
  const accepted: Sent[] = [];
  const parked: Sent[] = [];
  for (let at = 0, round = 0; at < log.length; round += 1) {
    const size = sizes[round % sizes.length] ?? 1;
    const sorted = sortOut(log.slice(at, at + size), { marks: [...marks.values()], held, parkBy });
    sorted.marks.forEach((mark) => marks.set(mark.organisationId, mark));
    accepted.push(...sorted.accepted.map(({ envelope }) => envelope));
    for (const { delivery, organisationId, subject } of sorted.parked) {
      held.add(parkBy === 'organisation' ? organisationId! : `${organisationId} ${subject}`);
      const arrival = log.find((one) => one.delivery.offset === delivery.offset);
      const isParked = parked.some((one) => arrival && keyOf(one) === keyOf(placeOf(arrival.reading) as Sent));
      if (isParked) continue; // the table tells it by its content
      if (arrival?.reading.kind === 'event') parked.push(arrival.reading.envelope);
      else if (arrival?.reading.kind === 'refused') parked.push(arrival.reading.known as Sent);
    }
    at += size;
  }
  return { accepted, parked };
};

const keyOf = ({ organisationId, position, index }: Sent): string => `${organisationId} ${position}.${index}`;

const organisations = ['org-a', 'org-b', 'org-c'];

/** Events of several organisations, each making one to three messages; positions have gaps. */
const someEvents = fc
  .array(
    fc.record({
      organisation: fc.nat(2),
      messages: fc.integer({ min: 1, max: 3 }),
      gap: fc.integer({ min: 1, max: 4 }),
    }),
    {
      minLength: 1,
      maxLength: 40,
    },
  )
  .map((made) => {
    let position = 0n;
    return made.map(({ organisation, messages, gap }) => {
      position += BigInt(gap);
      const at = position;
      return Array.from({ length: messages }, (_, index) => ({
        organisationId: organisations[organisation]!,
        position: at,
        index,
      }));
    });
  });

const someSchedule = fc.array(fc.record({ leader: fc.nat(2), size: fc.integer({ min: 1, max: 12 }) }), {
  maxLength: 200,
});
const someSizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

/** What one undisturbed leader does, so that in the end everything was published. */
const toTheEnd = Array.from({ length: 200 }, () => ({ leader: 0, size: 12 }));

describe('telling repetitions by position', () => {
  it('takes each message once and in order, whatever sleeping leaders repeat', () => {
    fc.assert(
      fc.property(someEvents, someSchedule, someSizes, (events, schedule, sizes) => {
        const log = publishWithZombies(events, [...schedule, ...toTheEnd]);
        const { accepted } = consume(
          log.map((sent, offset) => arrivalOf(sent, offset)),
          sizes,
          'subject',
        );
        for (const organisation of organisations) {
          const own = (sent: Sent): boolean => sent.organisationId === organisation;
          expect(accepted.filter(own).map(keyOf)).toEqual(events.flat().filter(own).map(keyOf));
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each(['subject', 'organisation'] as const)(
    'loses and doubles nothing when some cannot be read, parked by %s',
    (parkBy) => {
      fc.assert(
        fc.property(someEvents, someSchedule, someSizes, fc.nat(6), (events, schedule, sizes, poison) => {
          const log = publishWithZombies(events, [...schedule, ...toTheEnd]);
          const isPoison = ({ position }: Sent): boolean => position % 7n === BigInt(poison);
          const arrivals = log.map((sent, offset) => arrivalOf(sent, offset, isPoison(sent)));
          const { accepted, parked } = consume(arrivals, sizes, parkBy);
          expect([...accepted, ...parked].map(keyOf).sort()).toEqual(events.flat().map(keyOf).sort());
          const lineOf = (sent: Sent): string =>
            parkBy === 'organisation' ? sent.organisationId : `${sent.organisationId} ${sent.position % 3n}`;
          for (const line of new Set(events.flat().map(lineOf))) {
            const own = (sent: Sent): boolean => lineOf(sent) === line;
            // Within a line everything before the first poison is taken, and it and all behind it wait, in order.
            const wanted = events.flat().filter(own);
            const first = wanted.findIndex(isPoison);
            const cut = first < 0 ? wanted.length : first;
            expect(accepted.filter(own).map(keyOf)).toEqual(wanted.slice(0, cut).map(keyOf));
            expect(parked.filter(own).map(keyOf)).toEqual(wanted.slice(cut).map(keyOf));
          }
        }),
        { numRuns: 300 },
      );
    },
  );

  it('believes no position of a message that it cannot read: the next facts are no repetitions', () => {
    const invented = { organisationId: 'org-a', position: 2n ** 62n + 1n, index: 0 };
    const next = { organisationId: 'org-a', position: 1n, index: 0 };
    const arrivals = [arrivalOf(invented, 0, true), arrivalOf(next, 1)];
    const { accepted, parked, duplicates } = sortOut(arrivals, { marks: [], held: [], parkBy: 'subject' });
    expect([accepted.map(({ envelope }) => envelope.position), parked.length, duplicates]).toEqual([[1n], 1, 0]);
  });
});
