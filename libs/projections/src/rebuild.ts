import { type Database, type Session, inTransaction } from '@oppi/database';
import { DomainError } from '@oppi/event-sourcing';
import type { Projection } from './projection';
import { ProjectionStore, type Source, type Sourced, lockCheckpoints } from './projector';

/** What a rebuild found. `equal`: rebuilt and live had the same rows at the same position. */
export type Rebuilt = Readonly<{ name: string; events: number; rows: number; equal: boolean; milliseconds: number }>;

const BATCH = 5_000;

/**
 * Folds the whole log into a table beside the live one, brings it to the live one's position, compares, and swaps: readers
 * see the old table until they see the new one, complete. Stopped half-way it leaves the live table as it was. Only one
 * rebuild of a table at a time: another is refused as `rebuild-running`.
 */
export const rebuild = async <E extends Sourced>(
  database: Database,
  source: Source<E>,
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each projection has a row type of its own
  projection: Projection<any, E>,
): Promise<Rebuilt> => {
  const live = projection.table.name;
  const turn = await database.connect();
  try {
    const { rows } = await turn.query<{ mine: boolean }>('select pg_try_advisory_lock(7140003, hashtext($1)) as mine', [
      live,
    ]);
    if (!rows[0]?.mine)
      throw new DomainError('conflict', 'rebuild-running', `${live} is being rebuilt. Wait for it to end.`);
    return await rebuildBeside(database, source, projection);
  } finally {
    await turn.query('select pg_advisory_unlock(7140003, hashtext($1))', [live]).catch(() => undefined);
    turn.release();
  }
};

const rebuildBeside = async <E extends Sourced>(
  database: Database,
  source: Source<E>,
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each projection has a row type of its own
  projection: Projection<any, E>,
): Promise<Rebuilt> => {
  const started = performance.now();
  const live = projection.table.name;
  const beside = `${live}__rebuilt`;
  const replay = new Replay(source, new ProjectionStore(projection, beside));

  // 1. Most of the log, while the live table goes on.
  const soFar = await inTransaction(database, async (session) => {
    await session.query(`drop table if exists ${beside}; create table ${beside} (like ${live} including all)`);
    const { rows } = await session.query<{ position: string }>(
      'select position from projection_checkpoints where projection = $1',
      [live],
    );
    return BigInt(rows[0]?.position ?? 0);
  });
  while (replay.position < soFar) await inTransaction(database, (session) => replay.step(session, soFar));

  return inTransaction(database, async (session) => {
    // 2. The rest, while the live projector waits on the checkpoint's lock.
    const target = (await lockCheckpoints(session, [live])).get(live) ?? 0n;
    while (replay.position < target) await replay.step(session, target);
    // 3. At the same position both must hold the same rows.
    const rebuilt = await contentOf(session, beside);
    const equal = rebuilt.hash === (await contentOf(session, live)).hash;
    // 4. Swap.
    await session.query(`drop table ${live}; alter table ${beside} rename to ${live}`);
    const milliseconds = Math.round(performance.now() - started);
    return { name: live, events: replay.events, rows: rebuilt.rows, equal, milliseconds };
  });
};

class Replay<E extends Sourced> {
  position = 0n;
  events = 0;

  constructor(
    private readonly source: Source<E>,
    private readonly store: ProjectionStore<E>,
  ) {}

  /** The next batch, not beyond `target`. */
  async step(session: Session, target: bigint): Promise<void> {
    const batch = (await this.source.readAfter(this.position, BATCH)).filter((event) => event.position <= target);
    await this.store.apply(session, batch);
    this.events += batch.length;
    this.position = batch.length < BATCH ? target : (batch.at(-1)?.position ?? target);
  }
}

const contentOf = async (session: Session, table: string): Promise<{ rows: number; hash: string }> => {
  const { rows } = await session.query<{ rows: string; hash: string }>(
    `select count(*) as rows, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) || ':' || count(*) as hash from ${table} t`,
  );
  return { rows: Number(rows[0]?.rows), hash: rows[0]?.hash ?? '' };
};
