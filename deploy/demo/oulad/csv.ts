import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';

/** The data set is not what it should be. The message is one line that names the file and, where there is one, the row. */
export class DataSetError extends Error {}

/** A row of a table: its cells as text, the row's number from 1 (the header is no row) and its text in the file. */
export type Row = Readonly<{ cells: readonly string[]; number: number; raw: string }>;

type Parsed = { record: string[]; raw: string };

const fileOf = (folder: string, table: string): string | undefined => {
  const plain = join(folder, `${table}.csv`);
  return [plain, `${plain}.gz`].find((file) => existsSync(file));
};

/** Whether a table is there, for those that a data set may lack. */
export const hasTable = (folder: string, table: string): boolean => fileOf(folder, table) !== undefined;

/** Path of a table, plain or compressed. Throws DataSetError when neither is there. */
export const tableFile = (folder: string, table: string): string => {
  const found = fileOf(folder, table);
  if (!found) throw new DataSetError(`${join(folder, table)}.csv (or ${table}.csv.gz) is missing.`);
  return found;
};

const checkHeader = (table: string, expected: readonly string[], found: readonly string[]): void => {
  if (expected.join() === found.join()) return;
  throw new DataSetError(`${table}: expected the columns ${expected.join()}, found ${found.join()}.`);
};

/**
 * Streams a table's rows; memory does not grow with the file. The header must be exactly `columns`, so that a changed
 * data set stops here and not as a wrong figure. Throws DataSetError, also for a file that cannot be read to its end.
 */
export async function* readTable(folder: string, table: string, columns: readonly string[]): AsyncGenerator<Row> {
  const file = tableFile(folder, table);
  const parser = parse({ raw: true, bom: true });
  const ignore = () => undefined; // the iteration below throws what went wrong
  if (file.endsWith('.gz')) pipeline(createReadStream(file), createGunzip(), parser, ignore);
  else pipeline(createReadStream(file), parser, ignore);
  let number = -1;
  try {
    for await (const { record, raw } of parser as AsyncIterable<Parsed>) {
      number++;
      if (number === 0) checkHeader(table, columns, record);
      else yield { cells: record, number, raw: raw.trimEnd() };
    }
  } catch (error) {
    if (error instanceof DataSetError) throw error;
    throw new DataSetError(`${table}: cannot be read after row ${number}: ${(error as Error).message}`);
  }
  if (number < 0) throw new DataSetError(`${table}: the file is empty.`);
}

/** A whole number; `?` is the data set's word for a missing value and is undefined here. Throws DataSetError otherwise. */
export const wholeNumber = (table: string, row: Row, cell: number): number | undefined => {
  const text = row.cells[cell] ?? '';
  if (text === '?') return undefined;
  if (!/^-?\d{1,9}$/.test(text)) throw new DataSetError(`${table} row ${row.number}: "${text}" is no whole number.`);
  return Number(text);
};
