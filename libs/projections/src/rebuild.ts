import { type Database, type Session, inTransaction } from '@oppi/database';
import { DomainError } from '@oppi/event-sourcing';
import type { Projection } from './projection';
import { ProjectionStore, type Source, type Sourced, lockCheckpoints } from './projector';

/** What a rebuild found of one table. `equal`: rebuilt and live had the same rows at the same position. */
export type Rebuilt = Readonly<{ name: string; events: number; rows: number; equal: boolean; milliseconds: number }>;

const BATCH = 5_000;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each projection has a row type of its own
type Projections<E> = readonly Projection<any, E>[];

/**
 * Folds the whole log, read once, into tables beside the live ones, brings them to the live ones' position, compares, and
 * swaps all at once: readers see the old tables until they see the new ones, complete. Stopped half-way it leaves the live
 * tables as they were. Only one rebuild of a database at a time: another is refused as `rebuild-running`.
 */
export const rebuild = async <E extends Sourced>(
  database: Database,
  source: Source<E>,
  projections: Projections<E>,
): Promise<Rebuilt[]> => {
  const turn = await database.connect();
  try {
    const { rows } = await turn.query<{ mine: boolean }>('select pg_try_advisory_lock(7140003) as mine');
    if (!rows[0]?.mine)
      throw new DomainError('conflict', 'rebuild-running', 'The read models are being rebuilt. Wait for it to end.');
    return await rebuildBeside(database, source, projections);
  } finally {
    await turn.query('select pg_advisory_unlock(7140003)').catch(() => undefined);
    turn.release();
  }
};

const rebuildBeside = async <E extends Sourced>(
  database: Database,
  source: Source<E>,
  projections: Projections<E>,
): Promise<Rebuilt[]> => {
  const started = performance.now();
  const names = projections.map(({ table }) => table.name);
  const replay = new Replay(
    source,
    projections.map((definition) => new ProjectionStore(definition, besideOf(definition.table.name))),
  );

  // 1. Most of the log, while the live tables go on.
  const soFar = await inTransaction(database, async (session) => {
    for (const name of names) {
      const beside = besideOf(name);
      await session.query(`drop table if exists ${beside}; create table ${beside} (like ${name} including all)`);
    }
    return lowestOf(await lockCheckpoints(session, names));
  });
  while (replay.position < soFar) await inTransaction(database, (session) => replay.step(session, soFar));

  return inTransaction(database, async (session) => {
    // 2. The rest, while the live projector waits on the checkpoints' locks. All live tables are at one position: a
    //    table that joined later is folded up to the others before anything else.
    const target = lowestOf(await lockCheckpoints(session, names));
    while (replay.position < target) await replay.step(session, target);
    const rebuilt: Rebuilt[] = [];
    for (const name of names) {
      // 3. At the same position both must hold the same rows.
      const beside = await contentOf(session, besideOf(name));
      const equal = beside.hash === (await contentOf(session, name)).hash;
      // 4. Swap.
      await session.query(`drop table ${name}; alter table ${besideOf(name)} rename to ${name}`);
      const milliseconds = Math.round(performance.now() - started);
      rebuilt.push({ name, events: replay.events, rows: beside.rows, equal, milliseconds });
    }
    return rebuilt;
  });
};

const besideOf = (table: string): string => `${table}__rebuilt`;
const lowestOf = (positions: ReadonlyMap<string, bigint>): bigint =>
  [...positions.values()].reduce((low, position) => (position < low ? position : low));

class Replay<E extends Sourced> {
  position = 0n;
  events = 0;
  private ahead: Promise<E[]> | undefined;

  constructor(
    private readonly source: Source<E>,
    private readonly stores: readonly ProjectionStore<E>[],
  ) {}

  /** The next batch, not beyond `target`. The one after it is read meanwhile: what is in a log does not change. */
  async step(session: Session, target: bigint): Promise<void> {
    const read = await (this.ahead ?? this.source.readAfter(this.position, BATCH));
    const batch = read.filter((event) => event.position <= target);
    const position = batch.length < BATCH ? target : (batch.at(-1)?.position ?? target);
    this.ahead = position < target ? this.source.readAfter(position, BATCH) : undefined;
    this.ahead?.catch(() => undefined); // heard at the next step, unless this one fails
    for (const store of this.stores) await store.apply(session, batch);
    this.events += batch.length;
    this.position = position;
  }
}

const contentOf = async (session: Session, table: string): Promise<{ rows: number; hash: string }> => {
  const { rows } = await session.query<{ rows: string; hash: string }>(
    `select count(*) as rows, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) || ':' || count(*) as hash from ${table} t`,
  );
  return { rows: Number(rows[0]?.rows), hash: rows[0]?.hash ?? '' };
};
