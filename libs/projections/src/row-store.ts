import type { Session } from '@oppi/database';
import type { Table } from './projection';

const snake = (property: string): string => property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Reads and writes many rows of one read table in one statement each. `tableName` may be the table beside the live one. */
export class RowStore<Row extends object> {
  private readonly properties: (keyof Row & string)[];
  private readonly select: string;
  private readonly upsert: string;

  constructor(
    private readonly table: Table<Row>,
    tableName: string = table.name,
  ) {
    this.properties = Object.keys(table.columns) as (keyof Row & string)[];
    const columns = this.properties.map(snake);
    const keys = table.key.map(snake);
    const typed = (names: readonly (keyof Row & string)[]): string =>
      names.map((name, i) => `$${String(i + 1)}::${table.columns[name]}[]`).join(', ');
    const found = this.properties.map((name) => textOf(table.columns[name], `t.${snake(name)}`));
    // `offset 0` keeps the planner on one index probe per key, whatever it believes about the table's size.
    this.select = `select ${found.join(', ')} from unnest(${typed(table.key)}) as k(${keys.join(', ')})
      cross join lateral (
        select * from ${tableName} r where ${keys.map((key) => `r.${key} = k.${key}`).join(' and ')} offset 0) t`;
    const changed = columns.filter((column) => !keys.includes(column));
    const update = changed.map((column) => `${column} = excluded.${column}`).join(', ');
    this.upsert = `insert into ${tableName} (${columns.join(', ')}) select * from unnest(${typed(this.properties)})
      on conflict (${keys.join(', ')}) do ${update === '' ? 'nothing' : `update set ${update}`}`;
  }

  keyOf(row: Partial<Row>): string {
    return this.table.key.map((name) => String(row[name])).join('|');
  }

  async load(session: Session, keys: Partial<Row>[]): Promise<Map<string, Row>> {
    const values = this.table.key.map((name) => keys.map((key) => key[name]));
    const { rows } = await session.query<unknown[]>({ text: this.select, values, rowMode: 'array' } as never);
    const found = new Map<string, Row>();
    for (const cells of rows) {
      const row = Object.fromEntries(this.properties.map((name, i) => [name, cells[i]])) as Row;
      found.set(this.keyOf(row), row);
    }
    return found;
  }

  async save(session: Session, rows: Row[]): Promise<void> {
    await session.query(
      this.upsert,
      this.properties.map((name) => rows.map((row) => row[name])),
    );
  }
}

// As text, so that a row read back equals the row written: the driver would make Date objects in the machine's zone.
const textOf = (type: string, column: string): string =>
  type === 'date' || type === 'bigint'
    ? `${column}::text`
    : type === 'timestamptz'
      ? `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
      : column;
