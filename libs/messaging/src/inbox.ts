import type { Database, Session } from '@oppi/database';
import type { Batch } from './bus';
import {
  addParked,
  movePast,
  Offsets,
  type PartitionOf,
  readHeld,
  readMarks,
  type Step,
  store,
  writeInbox,
} from './inbox-tables';
import { type Decoders, readMessage } from './reading';
import {
  type Arrival,
  type Mark,
  type ParkBy,
  placeOf,
  type Sorted,
  sortOut,
  type Standing,
  standingAfter,
} from './sorting';

export type InboxOptions = Readonly<{
  /** The consuming service's own database, with `inboxMigrations` applied. */
  database: Database;
  decoders: Decoders;
  /** What an unreadable message holds up; by aggregate unless said otherwise. */
  parkBy?: ParkBy;
}>;

/** What came of a batch. */
export type Intake =
  | Readonly<{ kind: 'stored'; next: bigint; sorted: Sorted }>
  /** It begins above the place where we are, and the log still has what lies between. */
  | Readonly<{ kind: 'ahead'; next: bigint }>
  /** What comes next for us is no longer there. */
  | Readonly<{ kind: 'lost'; next: bigint; reason: LossReason }>;

/** What came of batches that were taken in together: of each, how many events were new, and where the inbox ends now. */
export type Taken = Readonly<{ intakes: readonly Intake[]; appended: number; head: bigint | undefined }>;

export type LossReason = 'retention-passed' | 'log-shorter';

/**
 * Takes batches into the inbox: each fact once, in one local order, together with the offset it was read at. Where a service
 * listens to little of what is told, most batches hold nothing for it: then only the offset moves, in one round trip.
 */
export class Inbox {
  constructor(private readonly options: InboxOptions) {}

  /** The offset to read next; 0 for a partition of which nothing was read. */
  async nextOffset(partition: PartitionOf): Promise<bigint> {
    return (await Offsets.of(this.options.database, [partition])).at(partition);
  }

  /** Commits what is new in the batches, of partitions that differ, or nothing. The same again changes nothing. */
  async take(batches: readonly Batch[]): Promise<Taken> {
    const { database, decoders } = this.options;
    const read = batches.map((batch): Arrivals => ({
      batch,
      arrivals: batch.deliveries.map((delivery) => ({ delivery, reading: readMessage(delivery, decoders) })),
    }));
    if (read.every(isPassedOver) && (await movePast(database, read.map(stepOf))))
      return { intakes: read.map(passOver), appended: 0, head: undefined };
    return writeInbox(database, async (session): Promise<Taken> => {
      const offsets = await Offsets.of(session, batches.map(partitionOf));
      const intakes = await this.sort(session, offsets, read);
      const stored = intakes.flatMap((intake, n) =>
        intake.kind === 'stored' ? [{ ...intake, partition: partitionOf(batches[n] as Batch) }] : [],
      );
      for (const { partition, sorted } of stored) await addParked(session, partition, sorted.parked);
      const events = stored.flatMap(({ sorted }) => sorted.accepted);
      const marks = lastOf(stored.flatMap(({ sorted }) => sorted.marks));
      return { intakes, ...(await store(session, { events, marks, offsets: stored })) };
    });
  }

  /**
   * An operator's decision after a loss: what lies below the offset is given up, and the consumer can be started again.
   * Never moves back.
   */
  giveUpBelow(partition: PartitionOf, next: bigint): Promise<void> {
    return writeInbox(this.options.database, async (session) => {
      if (next <= (await Offsets.of(session, [partition])).at(partition)) return;
      await store(session, { events: [], marks: [], offsets: [{ partition, next }] });
    });
  }

  /** Decides batch by batch: a mark that one moves is known to the next. */
  private async sort(session: Session, offsets: Offsets, read: readonly Arrivals[]): Promise<Intake[]> {
    let standing = await this.standing(session, read);
    return read.map(({ batch, arrivals }): Intake => {
      const next = offsets.at(partitionOf(batch));
      const obstacle = obstacleTo(batch, next);
      if (obstacle) return obstacle;
      const fresh = arrivals.filter(({ delivery }) => delivery.offset >= next);
      const sorted = sortOut(fresh, standing);
      standing = standingAfter(standing, sorted);
      const last = fresh.at(-1);
      return { kind: 'stored', next: last ? last.delivery.offset + 1n : next, sorted };
    });
  }

  private async standing(session: Session, read: readonly Arrivals[]): Promise<Standing> {
    const { parkBy = 'subject' } = this.options;
    const places = read.flatMap(({ arrivals }) => arrivals.map(({ reading }) => placeOf(reading).organisationId));
    const organisations = [...new Set(places)].filter((id) => id !== undefined);
    const marks = await readMarks(session, organisations);
    return { marks, held: await readHeld(session, organisations, parkBy), parkBy };
  }
}

type Arrivals = Readonly<{ batch: Batch; arrivals: readonly Arrival[] }>;

const partitionOf = ({ log, topic, partition }: Batch): PartitionOf => ({ bus: log, topic, partition });

/** Whether it follows on the place it was read at, and holds nothing that anybody here handles. */
const isPassedOver = ({ batch, arrivals }: Arrivals): boolean =>
  arrivals[0]?.delivery.offset === batch.from && arrivals.every(({ reading }) => reading.kind === 'unhandled');

const nextAfter = ({ batch }: Arrivals): bigint => (batch.deliveries.at(-1)?.offset ?? batch.from) + 1n;

const stepOf = (arrivals: Arrivals): Step => ({
  partition: partitionOf(arrivals.batch),
  from: arrivals.batch.from,
  next: nextAfter(arrivals),
});

/** No mark moves: what is passed over again changes nothing either. */
const passOver = (arrivals: Arrivals): Intake => ({
  kind: 'stored',
  next: nextAfter(arrivals),
  sorted: { ...sortOut(arrivals.arrivals, { marks: [], held: [], parkBy: 'subject' }), marks: [] },
});

const lastOf = (marks: readonly Mark[]): Mark[] => [
  ...new Map(marks.map((mark) => [`${mark.organisationId} ${mark.source}`, mark])).values(),
];

/**
 * Why a batch cannot be taken in at the place where we are. Where we are only grows, so the answer holds for a batch that
 * was read long ago, too.
 */
const obstacleTo = ({ from, logStart, logEnd, deliveries }: Batch, next: bigint): Intake | undefined => {
  const [first] = deliveries;
  if (first && first.offset <= next) return undefined;
  // The log ends below a place that we were told of: it was restored from an older copy.
  if (from > logEnd && next > logEnd) return { kind: 'lost', next, reason: 'log-shorter' };
  if (logStart > next) return { kind: 'lost', next, reason: 'retention-passed' };
  // A read from our place that brings only higher offsets met a hole in the numbering, not a gap in the messages.
  return from > next ? { kind: 'ahead', next } : undefined;
};
