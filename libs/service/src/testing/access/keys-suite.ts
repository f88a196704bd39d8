import type { Rows } from './contents';

/** What is about the service itself and about no organisation; a message that was parked may not even say whose it is. */
const OF_THE_SERVICE = [
  'clock_setting',
  'inbox_offsets',
  'migrations',
  'parked_messages',
  'projection_checkpoints',
  'reaction_checkpoints',
  'relay_checkpoints',
];

/** Keys that number one log for all organisations; nobody is asked for a row by them. */
const OF_ONE_ORDER = [
  'events_pkey',
  'inbox_pkey',
  'parked_messages_bus_topic_partition_offset_key',
  'parked_messages_pkey',
  'text_reads_pkey',
];

const TABLES = `
  select relname as name from pg_class c
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not exists (
    select from pg_attribute a
    where a.attrelid = c.oid and a.attname = 'organisation_id' and a.attnotnull and not a.attisdropped)`;

const KEYS = `
  select i.indexrelid::regclass::text as name from pg_index i
  join pg_class c on c.oid = i.indrelid and c.relnamespace = 'public'::regnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'organisation_id'
  where i.indisunique and i.indkey[0] <> a.attnum`;

const othersThan = async (known: readonly string[], database: Rows, names: string): Promise<string[]> =>
  (await database.query(names)).rows.map(({ name = '' }) => name).filter((name) => !known.includes(name));

/** From the catalogue, so that a new table is covered by being there. */
export const keysSuite = (database: () => Rows): void => {
  it('TEN-02: every row belongs to an organisation', async () => {
    expect(await othersThan(OF_THE_SERVICE, database(), TABLES)).toEqual([]);
  });

  it('TEN-02, TEN-10: every key begins with the organisation, so that equal ids of two of them never meet', async () => {
    expect(await othersThan(OF_ONE_ORDER, database(), KEYS)).toEqual([]);
  });
};
