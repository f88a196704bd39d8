import { Coalescer, type Database } from '@oppi/database';
import type { Actor, Event, Recorded } from '@oppi/event-sourcing';

export type LoadedStream = { events: Event[]; version: number; position: bigint };
export type StoredCommand = { fingerprint: string; version: number; position: bigint };
type Load = { organisationId: string; commandId?: string; streamIds: readonly string[] };
type LoadReply = { stored: StoredCommand | undefined; loaded: LoadedStream[] };

/** Reads streams, many callers in one round trip, and the log in order. */
export class EventReader {
  private readonly coalescer: Coalescer<Load, LoadReply>;

  constructor(private readonly database: Database) {
    this.coalescer = new Coalescer({ run: (loads) => this.loadBatch(loads), most: 256, concurrency: 2 });
  }

  load(load: Load): Promise<LoadReply> {
    return this.coalescer.submit(load);
  }

  async readAfter(position: bigint, limit: number): Promise<Recorded[]> {
    const { rows } = await this.database.query<RecordedRow>({
      name: 'read-log',
      text: READ_LOG,
      values: [position.toString(), limit],
      rowMode: 'array',
    } as never);
    return rows.map(recordedOf);
  }

  async readStreams(organisationId: string, streamIds: readonly string[]): Promise<Recorded[]> {
    const { rows } = await this.database.query<RecordedRow>({
      name: 'read-streams',
      text: READ_STREAMS,
      values: [organisationId, streamIds],
      rowMode: 'array',
    } as never);
    return rows.map(recordedOf);
  }

  async head(): Promise<bigint> {
    const { rows } = await this.database.query<{ head: string }>(
      'select coalesce(max(position), 0) as head from events',
    );
    return BigInt(rows[0]?.head ?? 0);
  }

  private async loadBatch(loads: Load[]): Promise<LoadReply[]> {
    const streams = loads.flatMap((load) => load.streamIds.map((id) => [load.organisationId, id] as const));
    const commands = loads.filter((load) => load.commandId !== undefined);
    const { rows } = await this.database.query<LoadRow>({
      name: 'load',
      text: LOAD,
      values: [
        streams.map(([organisationId]) => organisationId),
        streams.map(([, id]) => id),
        commands.map((load) => load.organisationId),
        commands.map((load) => load.commandId),
      ],
      rowMode: 'array',
    } as never);
    const loaded = streams.map((): LoadedStream => ({ events: [], version: 0, position: 0n }));
    const stored = new Map<Load, StoredCommand>();
    for (const [kind, n, version, position, name, data] of rows) {
      if (kind === 'command') {
        const load = commands[Number(n) - 1];
        if (load) stored.set(load, { fingerprint: name, version, position: BigInt(position) });
        continue;
      }
      const stream = loaded[Number(n) - 1];
      if (!stream) continue;
      stream.events.push({ type: name, data: JSON.parse(data) as object });
      stream.version = version;
      stream.position = BigInt(position);
    }
    let next = 0;
    return loads.map((load) => {
      const from = next;
      next += load.streamIds.length;
      return { stored: stored.get(load), loaded: loaded.slice(from, next) };
    });
  }
}

type LoadRow = [
  'stream' | 'command',
  n: string,
  version: number,
  position: string,
  typeOrFingerprint: string,
  data: string,
];

// `offset 0` keeps the planner on one index probe per stream, whatever it believes about the table's size.
const LOAD = `
  select 'stream', s.n, e.version, e.position, e.type, e.data::text
  from unnest($1::uuid[], $2::text[]) with ordinality s(organisation_id, stream_id, n)
  cross join lateral (
    select version, position, type, data from events
    where organisation_id = s.organisation_id and stream_id = s.stream_id order by version offset 0) e
  union all
  select 'command', k.n, c.version, c.position, c.fingerprint, null
  from unnest($3::uuid[], $4::text[]) with ordinality k(organisation_id, command_id, n)
  join lateral (
    select version, position, fingerprint from commands
    where organisation_id = k.organisation_id and command_id = k.command_id offset 0) c on true
  order by 2, 3`;

type RecordedRow = [
  position: string,
  organisationId: string,
  streamId: string,
  version: number,
  eventId: string,
  type: string,
  schemaVersion: number,
  data: string,
  commandId: string,
  meta: string,
  occurredAt: string,
  recordedAt: string,
];

// Times as epoch milliseconds: parsing PostgreSQL's text form of them costs more than the rest of the row.
const RECORDED = `
  position, organisation_id, stream_id, version, event_id, type, schema_version, data::text, command_id, meta::text,
  extract(epoch from occurred_at) * 1000, extract(epoch from recorded_at) * 1000`;

// A range instead of a limit: positions have no gaps, and a planner without statistics would sort all that lies above.
const READ_LOG = `
  select ${RECORDED} from events where position > $1 and position <= $1::bigint + $2::bigint order by position`;
const READ_STREAMS = `
  select ${RECORDED} from events where organisation_id = $1 and stream_id = any ($2::text[]) order by position`;

const instantOf = (milliseconds: string): string => new Date(Number(milliseconds)).toISOString();

const recordedOf = (row: RecordedRow): Recorded => {
  const meta = JSON.parse(row[9]) as {
    actor: Actor;
    correlationId: string;
    causationId?: string;
    traceparent?: string;
  };
  const recordedAt = instantOf(row[11]);
  return {
    position: BigInt(row[0]),
    organisationId: row[1],
    streamId: row[2],
    version: row[3],
    eventId: row[4],
    type: row[5],
    schemaVersion: row[6],
    data: JSON.parse(row[7]) as object,
    commandId: row[8],
    ...meta,
    // Mostly the same instant, and writing one costs as much as parsing the data.
    occurredAt: row[10] === row[11] ? recordedAt : instantOf(row[10]),
    recordedAt,
  };
};
