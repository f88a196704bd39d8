import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '@oppi/database';
import { ledgerModels } from '../ledger/ledger-models';
import { readModels } from '../read-models/read-models';

/** How far the read models are, whichever process folds them: those of the inbox, and those of reporting's own log. */
export type ReadPositions = Readonly<{ inbox: bigint; ledger: bigint }>;

export const readPositions = async (database: Pick<Database, 'query'>): Promise<ReadPositions> => {
  const { rows } = await database.query<{ inbox: string; ledger: string }>(
    `select ${lowestOf('$1')} as inbox, ${lowestOf('$2')} as ledger from projection_checkpoints`,
    [namesOf(readModels), namesOf(ledgerModels)],
  );
  return { inbox: BigInt(rows[0]?.inbox ?? 0), ledger: BigInt(rows[0]?.ledger ?? 0) };
};

// A read table without a checkpoint was not begun yet: then they are at the beginning together.
const lowestOf = (names: string): string => {
  const these = `filter (where projection = any (${names}::text[]))`;
  return `case when count(*) ${these} = cardinality(${names}::text[]) then min(position) ${these} else 0 end`;
};

const LOOK_EVERY_MS = 10;

/** Waits until the read models have these positions; false when they have not in time. */
export const waitForPositions = async (
  database: Database,
  wanted: Partial<ReadPositions>,
  withinMs: number,
): Promise<boolean> => {
  const end = performance.now() + withinMs;
  for (;;) {
    const { inbox, ledger } = await readPositions(database);
    if (inbox >= (wanted.inbox ?? 0n) && ledger >= (wanted.ledger ?? 0n)) return true;
    if (performance.now() > end) return false;
    await pause(LOOK_EVERY_MS);
  }
};

const namesOf = (models: readonly { table: { name: string } }[]): string[] => models.map(({ table }) => table.name);
