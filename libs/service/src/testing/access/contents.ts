/** As much of a pool as this needs; the suites know no database of their own. */
export type Rows = Readonly<{
  query: (sql: string, values?: unknown[]) => Promise<{ rows: Record<string, string>[] }>;
}>;

// Places of workers move by themselves; everything else changes by calls and facts alone.
const MOVING = /checkpoint|lease|looks|offsets|migrations|reads$/;

const tablesOf = async (database: Rows): Promise<string[]> => {
  const { rows } = await database.query(
    `select table_name as name from information_schema.columns
     where table_schema = 'public' and column_name = 'organisation_id' order by 1`,
  );
  return rows.map(({ name = '' }) => name).filter((name) => !MOVING.test(name));
};

/** A fingerprint of all rows of an organisation, by table; of all organisations when none is named. */
export const contentOf = async (database: Rows, organisationId?: string): Promise<Record<string, string>> => {
  const contents: Record<string, string> = {};
  for (const table of await tablesOf(database)) {
    const { rows } = await database.query(
      `select count(*) || ':' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) as hash from ${table} t
       where $1::uuid is null or organisation_id = $1`,
      [organisationId ?? null],
    );
    contents[table] = rows[0]?.['hash'] ?? '';
  }
  return contents;
};
