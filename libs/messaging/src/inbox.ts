import type { Database, Session } from '@oppi/database';
import type { Batch } from './bus';
import {
  addEvents,
  addParked,
  type PartitionOf,
  readHeld,
  readMarks,
  readOffset,
  writeInbox,
  writeMarks,
  writeOffset,
} from './inbox-tables';
import { type Decoders, readMessage } from './reading';
import { type Arrival, type ParkBy, placeOf, type Sorted, sortOut } from './sorting';

export type InboxOptions = Readonly<{
  /** The consuming service's own database, with `inboxMigrations` applied. */
  database: Database;
  decoders: Decoders;
  /** What an unreadable message holds up; by aggregate unless said otherwise. */
  parkBy?: ParkBy;
}>;

/** What came of a batch. */
export type Intake =
  | Readonly<{ kind: 'stored'; next: bigint; sorted: Sorted; appended: number; head: bigint | undefined }>
  /** It begins above the place where we are, and the log still has what lies between. */
  | Readonly<{ kind: 'ahead'; next: bigint }>
  /** What comes next for us is no longer there. */
  | Readonly<{ kind: 'lost'; next: bigint; reason: LossReason }>;

export type LossReason = 'retention-passed' | 'log-shorter';

/** Takes batches into the inbox: each fact once, in one local order, together with the offset it was read at. */
export class Inbox {
  constructor(private readonly options: InboxOptions) {}

  /** The offset to read next; 0 for a partition of which nothing was read. */
  nextOffset(partition: PartitionOf): Promise<bigint> {
    return readOffset(this.options.database, partition);
  }

  /** Commits what is new in the batch, or nothing. The same batch again changes nothing. */
  async take(batch: Batch): Promise<Intake> {
    const { database, decoders } = this.options;
    const arrivals = batch.deliveries.map((delivery): Arrival => ({
      delivery,
      reading: readMessage(delivery, decoders),
    }));
    const partition = { bus: batch.log, topic: batch.topic, partition: batch.partition };
    return writeInbox(database, async (session): Promise<Intake> => {
      const next = await readOffset(session, partition);
      const obstacle = obstacleTo(batch, next);
      if (obstacle) return obstacle;
      const fresh = arrivals.filter(({ delivery }) => delivery.offset >= next);
      const last = fresh.at(-1);
      const sorted = await this.sort(session, fresh);
      const added = await addEvents(session, sorted.accepted);
      await addParked(session, partition, sorted.parked);
      await writeMarks(session, sorted.marks);
      const after = last ? last.delivery.offset + 1n : next;
      await writeOffset(session, partition, after);
      return { kind: 'stored', next: after, sorted, ...added };
    });
  }

  /**
   * An operator's decision after a loss: what lies below the offset is given up, and the consumer can be started again.
   * Never moves back.
   */
  giveUpBelow(partition: PartitionOf, offset: bigint): Promise<void> {
    return writeInbox(this.options.database, async (session) => {
      if (offset > (await readOffset(session, partition))) await writeOffset(session, partition, offset);
    });
  }

  private async sort(session: Session, arrivals: readonly Arrival[]): Promise<Sorted> {
    const { parkBy = 'subject' } = this.options;
    const organisations = [...new Set(arrivals.flatMap(({ reading }) => placeOf(reading).organisationId ?? []))];
    const marks = await readMarks(session, organisations);
    const held = await readHeld(session, organisations, parkBy);
    return sortOut(arrivals, { marks, held, parkBy });
  }
}

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
