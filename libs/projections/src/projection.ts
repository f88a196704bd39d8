/** The columns of a read table by property name (the column is its snake_case) with their PostgreSQL types. */
export type Table<Row extends object> = Readonly<{
  name: string;
  columns: Readonly<Record<keyof Row & string, ColumnType>>;
  key: readonly (keyof Row & string)[];
}>;
export type ColumnType = 'uuid' | 'text' | 'integer' | 'bigint' | 'boolean' | 'date' | 'timestamptz';

/** What one type of event does to a row, or to each of several: which rows, and each of them after it. */
export type Rule<Row extends object, E> = Readonly<{
  key: (event: E) => Partial<Row> | readonly Partial<Row>[];
  row: (row: Row | undefined, event: E, key: Partial<Row>) => Row | undefined;
}>;

/**
 * One read table as data and pure functions: the runner, the rebuild and the tests take the same object. A rule that
 * returns `undefined` leaves the row as it is. Dates and times are text in the row, as the driver gives and takes them.
 */
export type Projection<Row extends object, E> = Readonly<{
  table: Table<Row>;
  on: Readonly<Record<string, Rule<Row, E>>>;
}>;

export const projection = <Row extends object, E>(definition: Projection<Row, E>): Projection<Row, E> => definition;
