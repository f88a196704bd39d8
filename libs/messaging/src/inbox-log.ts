import type { Database } from '@oppi/database';
import type { Envelope } from './envelope';
import { decoderFor, type Decoders } from './reading';

/** A fact from another service, as this service took it in. */
export type InboxEvent = Omit<Envelope, 'position'> &
  Readonly<{
    /** Place in this service's inbox, in commit order. Gaps are normal, disorder is not. */
    position: bigint;
    /** Place in the source's own log; what it is told by, together with `source` and `index`. */
    sourcePosition: bigint;
    data: object;
  }>;

type Row = [
  position: string,
  organisationId: string,
  source: string,
  sourcePosition: string,
  index: number,
  eventId: string,
  type: string,
  subject: string,
  streamVersion: number,
  actorId: string,
  actorRole: string,
  occurredAt: string,
  recordedAt: string,
  correlationId: string,
  traceparent: string | null,
  value: Uint8Array,
];

// Times as epoch milliseconds: cheaper here and there than PostgreSQL's text form of them.
const COLUMNS = `
  position, organisation_id, source, source_position, source_index, event_id, type, subject, stream_version, actor_id,
  actor_role, extract(epoch from occurred_at) * 1000, extract(epoch from recorded_at) * 1000, correlation_id, traceparent,
  value`;

/** Reads the inbox in its order. */
export class InboxLog {
  constructor(private readonly options: { database: Database; decoders: Decoders }) {}

  /** The events after a position, in order, at most `limit`. Never skips one that commits later. */
  readAfter(position: bigint, limit: number): Promise<InboxEvent[]> {
    return this.read('inbox-after', `where position > $1 order by position limit $2`, [position.toString(), limit]);
  }

  /** The position of the last event; 0 when there is none. */
  async head(): Promise<bigint> {
    const { rows } = await this.options.database.query<{ head: string }>(
      'select coalesce(max(position), 0) as head from inbox',
    );
    return BigInt(rows[0]?.head ?? 0);
  }

  /** All events of some aggregates of an organisation, in order; with `recordedBy` (ISO-8601) only what was known then. */
  readSubjects(organisationId: string, subjects: readonly string[], recordedBy?: string): Promise<InboxEvent[]> {
    return this.read(
      'inbox-subjects',
      `where organisation_id = $1 and subject = any ($2::text[]) and recorded_at <= coalesce($3::timestamptz, 'infinity')
       order by position`,
      [organisationId, subjects, recordedBy ?? null],
    );
  }

  private async read(name: string, which: string, values: unknown[]): Promise<InboxEvent[]> {
    const { rows } = await this.options.database.query<Row>({
      name,
      text: `select ${COLUMNS} from inbox ${which}`,
      values,
      rowMode: 'array',
    });
    return rows.map((row) => this.eventOf(row));
  }

  private eventOf(row: Row): InboxEvent {
    const decode = decoderFor(this.options.decoders, row[6]);
    // Only types with a decoder are taken in: someone removed it, and passing over would falsify what is read from here.
    if (!decode) throw new Error(`There is no decoder for ${row[6]} any more, but the inbox holds one at ${row[0]}.`);
    const event = {
      position: BigInt(row[0]),
      organisationId: row[1],
      source: row[2],
      sourcePosition: BigInt(row[3]),
      index: row[4],
      eventId: row[5],
      type: row[6],
      subject: row[7],
      streamVersion: row[8],
      data: decode(row[15]),
      actorId: row[9],
      actorRole: row[10],
      occurredAt: new Date(Number(row[11])).toISOString(),
      recordedAt: new Date(Number(row[12])).toISOString(),
      correlationId: row[13],
    };
    return row[14] === null ? event : { ...event, traceparent: row[14] };
  }
}
