import type { Database } from '@oppi/database';
import type { Batch, Delivery, Message } from './bus';

/** Rung by every publish, with the topic as its text. */
export const CHANNEL = 'oppi_bus';

const BATCH_RECORDS = 2_000;
const BATCH_BYTES = 4 * 1024 * 1024;

// A database that was restored from a dump, or cloned, is another log: what was published after the copy is not in it.
const IDENTITY = `i.identity || '-' || (select oid from pg_database where datname = current_database())`;

// One statement is one transaction is one round trip. The row of the topic stays locked until the commit, so whoever
// gets a higher offset commits later, and offsets have no gaps.
const APPEND = `
  with place as (
    update bus_topics set next_offset = next_offset + cardinality($2::text[]) where topic = $1
    returning next_offset - cardinality($2::text[]) as first
  ), added as (
    insert into bus_records (topic, "offset", key, value, headers)
    select $1, place.first + r.n - 1, r.key, r.value, r.headers
    from place, unnest($2::text[], $3::bytea[], $4::json[]) with ordinality r(key, value, headers, n)
  )
  select pg_notify('${CHANNEL}', $1) from place`;

// Bounds and records come from one snapshot: read apart, a trim in between would look like a gap that never held anything.
// A range instead of a limit: offsets have no gaps, and a planner without statistics would sort all that lies above.
const READ = `
  select ${IDENTITY}, coalesce(t.log_start, 0), coalesce(t.next_offset, 0), r."offset", r.key, r.value, r.headers::text
  from (select identity from bus_identity limit 1) i
  left join bus_topics t on t.topic = $1
  left join lateral (
    select b.*, sum(octet_length(b.value)) over (order by b."offset") - octet_length(b.value) as bytes_before
    from bus_records b where b.topic = $1 and b."offset" between $2 and $2 + ${BATCH_RECORDS - 1}
  ) r on r.bytes_before < ${BATCH_BYTES}
  order by r."offset"`;

const TRIM = `
  with bounds as (
    update bus_topics set log_start = least(greatest(log_start, $2), next_offset) where topic = $1 returning log_start
  ), gone as (
    delete from bus_records where topic = $1 and "offset" < (select log_start from bounds)
  )
  select log_start from bounds`;

type ReadRow = [
  identity: string,
  logStart: string,
  nextOffset: string,
  offset: string | null,
  key: string,
  value: Uint8Array,
  headers: string,
];

const NO_IDENTITY = 'The bus database has no identity; its migrations have not run.';

/** The statements of the embedded log. */
export class PgLog {
  constructor(private readonly database: Database) {}

  async identity(): Promise<string> {
    const { rows } = await this.database.query<{ identity: string }>(
      `select ${IDENTITY} as identity from bus_identity i`,
    );
    const [row] = rows;
    if (!row) throw new Error(NO_IDENTITY);
    return row.identity;
  }

  async append(topic: string, messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    const values = [
      topic,
      messages.map(({ key }) => key),
      messages.map(({ value }) => value),
      messages.map(({ headers }) => JSON.stringify(headers)),
    ];
    const append = { name: 'bus-append', text: APPEND, values };
    if ((await this.database.query(append)).rowCount === 1) return;
    await this.database.query('insert into bus_topics (topic) values ($1) on conflict do nothing', [topic]);
    const { rowCount } = await this.database.query(append);
    if (rowCount !== 1) throw new Error(`Topic ${topic} could not be created.`);
  }

  /** What lies at an offset and above, at most 2,000 records and a little more than 4 MiB. */
  async read(topic: string, from: bigint): Promise<Batch> {
    const { rows } = await this.database.query<ReadRow>({
      name: 'bus-read',
      text: READ,
      values: [topic, from.toString()],
      rowMode: 'array',
    });
    const [first] = rows;
    if (!first) throw new Error(NO_IDENTITY);
    const [log, logStart, logEnd] = first;
    const deliveries = rows.flatMap(([, , , offset, key, value, headers]): Delivery[] =>
      offset === null
        ? []
        : [{ offset: BigInt(offset), key, value, headers: JSON.parse(headers) as Record<string, string> }],
    );
    return { log, topic, partition: 0, from, logStart: BigInt(logStart), logEnd: BigInt(logEnd), deliveries };
  }

  async trim(topic: string, below: bigint): Promise<bigint> {
    const { rows } = await this.database.query<{ log_start: string }>(TRIM, [topic, below.toString()]);
    return BigInt(rows[0]?.log_start ?? 0);
  }
}
