import { type Database, inTransaction, type Session } from '@oppi/database';
import { createHash } from 'node:crypto';
import type { Message } from './bus';
import { type Accepted, lineOf, type Mark, type Parked, type ParkBy } from './sorting';

/** A partition of one particular log. */
export type PartitionOf = Readonly<{ bus: string; topic: string; partition: number }>;

// The statements of one intake. All run behind one lock, so positions become visible in their order.

const INBOX_LOCK = 7_140_004;

/** Runs `work` in one transaction that alone may write the inbox until it ends. */
export const writeInbox = <T>(database: Database, work: (session: Session) => Promise<T>): Promise<T> => {
  return inTransaction(database, async (session) => {
    await session.query(`select pg_advisory_xact_lock(${INBOX_LOCK})`);
    return work(session);
  });
};

/** The offsets to read next; a partition of which nothing was read has none. */
export class Offsets {
  private constructor(private readonly known: ReadonlyMap<string, bigint>) {}

  static async of(session: Database | Session, partitions: readonly PartitionOf[]): Promise<Offsets> {
    const { rows } = await session.query<[string, string, number, string]>({
      name: 'inbox-offsets',
      text: `select bus, topic, partition, next_offset from inbox_offsets
             where (bus, topic, partition) in (select * from unnest($1::text[], $2::text[], $3::integer[]))`,
      values: [
        partitions.map(({ bus }) => bus),
        partitions.map(({ topic }) => topic),
        partitions.map(({ partition }) => partition),
      ],
      rowMode: 'array',
    });
    return new Offsets(
      new Map(rows.map(([bus, topic, partition, next]) => [nameOf({ bus, topic, partition }), BigInt(next)])),
    );
  }

  at(partition: PartitionOf): bigint {
    return this.known.get(nameOf(partition)) ?? 0n;
  }
}

/** From the offset a batch was read at to the one behind it. */
export type Step = Readonly<{ partition: PartitionOf; from: bigint; next: bigint }>;

/** Moves the offsets of partitions, each only from where it is; says whether all of them were there. */
export const movePast = async (database: Database, steps: readonly Step[]): Promise<boolean> => {
  const { rowCount } = await database.query({
    name: 'inbox-past',
    text: `update inbox_offsets o set next_offset = r.next
           from unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::bigint[]) r(bus, topic, partition, "from", next)
           where o.bus = r.bus and o.topic = r.topic and o.partition = r.partition and o.next_offset = r."from"`,
    values: [
      steps.map(({ partition: { bus } }) => bus),
      steps.map(({ partition: { topic } }) => topic),
      steps.map(({ partition: { partition } }) => partition),
      steps.map(({ from }) => from.toString()),
      steps.map(({ next }) => next.toString()),
    ],
  });
  return rowCount === steps.length;
};

const nameOf = ({ bus, topic, partition }: PartitionOf): string => `${bus} ${topic} ${partition}`;

export const readMarks = async (session: Session, organisations: readonly string[]): Promise<Mark[]> => {
  const { rows } = await session.query<[string, string, string, number]>({
    name: 'inbox-marks',
    text: `select organisation_id, source, source_position, source_index from inbox_marks
           where organisation_id = any ($1::uuid[])`,
    values: [organisations],
    rowMode: 'array',
  });
  return rows.map(([organisationId, source, position, index]) => ({
    organisationId,
    source,
    position: BigInt(position),
    index,
  }));
};

/** The lines of these organisations in which something is parked. */
export const readHeld = async (
  session: Session,
  organisations: readonly string[],
  parkBy: ParkBy,
): Promise<Set<string>> => {
  const { rows } = await session.query<{ organisation_id: string; subject: string | null }>({
    name: 'inbox-held',
    text: `select distinct organisation_id, subject from parked_messages where organisation_id = any ($1::uuid[])`,
    values: [organisations],
  });
  const lines = rows.map((row) =>
    lineOf(parkBy, { organisationId: row.organisation_id, subject: row.subject ?? undefined }),
  );
  return new Set(lines.filter((line) => line !== undefined));
};

/** What one intake changes. Each mark and each partition stands in it once. */
export type Changes = Readonly<{
  events: readonly Accepted[];
  marks: readonly Mark[];
  offsets: readonly Readonly<{ partition: PartitionOf; next: bigint }>[];
}>;

/** Appends the events in this order and moves marks and offsets; says how many events were new and the last position. */
export const store = async (
  session: Session,
  { events, marks, offsets }: Changes,
): Promise<{ appended: number; head: bigint | undefined }> => {
  const column = <T>(pick: (event: Accepted) => T): T[] => events.map(pick);
  const { rows } = await session.query<{ appended: number; head: string | null }>({
    name: 'inbox-store',
    text: STORE,
    values: [
      column(({ envelope }) => envelope.organisationId),
      column(({ envelope }) => envelope.source),
      column(({ envelope }) => envelope.position.toString()),
      column(({ envelope }) => envelope.index),
      column(({ envelope }) => envelope.eventId),
      column(({ envelope }) => envelope.type),
      column(({ envelope }) => envelope.subject),
      column(({ envelope }) => envelope.streamVersion),
      column(({ envelope }) => envelope.actorId),
      column(({ envelope }) => envelope.actorRole),
      column(({ envelope }) => envelope.occurredAt),
      column(({ envelope }) => envelope.recordedAt),
      column(({ envelope }) => envelope.correlationId),
      column(({ envelope }) => envelope.traceparent ?? null),
      column(({ value }) => value),
      marks.map(({ organisationId }) => organisationId),
      marks.map(({ source }) => source),
      marks.map(({ position }) => position.toString()),
      marks.map(({ index }) => index),
      offsets.map(({ partition: { bus } }) => bus),
      offsets.map(({ partition: { topic } }) => topic),
      offsets.map(({ partition: { partition } }) => partition),
      offsets.map(({ next }) => next.toString()),
    ],
  });
  const [row] = rows;
  return { appended: row?.appended ?? 0, head: row?.head ? BigInt(row.head) : undefined };
};

// One round trip. `order by` before the identity draws its values: positions follow the order of the batch.
const STORE = `
  with added as (
    insert into inbox (organisation_id, source, source_position, source_index, event_id, type, subject, stream_version,
                       actor_id, actor_role, occurred_at, recorded_at, correlation_id, traceparent, value)
    select org, src, pos, idx, evt, typ, sub, ver, act, rol, occ, rec, cor, tra, val
    from unnest($1::uuid[], $2::text[], $3::bigint[], $4::integer[], $5::uuid[], $6::text[], $7::text[], $8::integer[],
                $9::text[], $10::text[], $11::timestamptz[], $12::timestamptz[], $13::text[], $14::text[], $15::bytea[])
         with ordinality r(org, src, pos, idx, evt, typ, sub, ver, act, rol, occ, rec, cor, tra, val, n)
    order by n
    on conflict (organisation_id, subject, source_position, source_index, source) do nothing
    returning position
  ), marked as (
    insert into inbox_marks (organisation_id, source, source_position, source_index)
    select * from unnest($16::uuid[], $17::text[], $18::bigint[], $19::integer[])
    on conflict (organisation_id, source) do update
    set source_position = excluded.source_position, source_index = excluded.source_index
  ), moved as (
    insert into inbox_offsets (bus, topic, partition, next_offset)
    select * from unnest($20::text[], $21::text[], $22::integer[], $23::bigint[])
    on conflict (bus, topic, partition) do update set next_offset = excluded.next_offset
  )
  select count(*)::integer as appended, max(position) as head from added`;

/** Parks messages in this order; what is parked already, to the byte, is not parked again. */
export const addParked = async (
  session: Session,
  { bus, topic, partition }: PartitionOf,
  parked: readonly Parked[],
): Promise<void> => {
  if (parked.length === 0) return;
  await session.query(
    `insert into parked_messages (bus, topic, partition, "offset", organisation_id, subject, type, reason, key, headers, value, digest)
     select $1, $2, $3, o, org, sub, typ, rea, k, h, v, d
     from unnest($4::bigint[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::json[], $11::bytea[], $12::bytea[])
          with ordinality r(o, org, sub, typ, rea, k, h, v, d, n)
     order by n
     on conflict do nothing`, // the same place or the same content: it waits already
    [
      bus,
      topic,
      partition,
      parked.map(({ delivery }) => delivery.offset.toString()),
      parked.map(({ organisationId }) => organisationId ?? null),
      parked.map(({ subject }) => subject ?? null),
      parked.map(({ type }) => type ?? null),
      parked.map(({ reason }) => reason),
      // PostgreSQL has no place for NUL in a text. Such a key is refused, with or without it.
      parked.map(({ delivery }) => delivery.key.replaceAll('\0', '\uFFFD')),
      parked.map(({ delivery }) => JSON.stringify(delivery.headers)),
      parked.map(({ delivery }) => delivery.value),
      parked.map(({ delivery }) => digestOf(delivery)),
    ],
  );
};

/** The same for messages that are the same in everything but their offset. */
const digestOf = ({ key, headers, value }: Message): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([key, Object.entries(headers).sort()]))
    .update(value)
    .digest();
