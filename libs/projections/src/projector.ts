import { type Database, type Session, inTransaction } from '@oppi/database';
import type { Projection } from './projection';
import { RowStore } from './row-store';

/** What a projection needs to know of an event to fold it. */
export type Sourced = Readonly<{ position: bigint; type: string }>;

/** A log to fold: a service's own events or its inbox. Must never skip a position that commits later. */
export interface Source<E extends Sourced> {
  readAfter(position: bigint, limit: number): Promise<E[]>;
  head(): Promise<bigint>;
}

const BATCH = 2_000;
const IDLE_MS = 250;
/** Now and then an idle projector looks at its checkpoints too: somebody may have set them back. */
const WHOLE_LOOK_MS = 5_000;
const RETRY_MS = 1_000;

/**
 * Keeps read tables up with a log. A batch is folded in memory and written once per table; rows and checkpoints commit
 * together, so a crash repeats a batch from its start and applies nothing twice. Several processes may run it: the
 * checkpoint rows are locked, the later one finds them moved and reads on.
 */
export class Projector<E extends Sourced> {
  private readonly stores: readonly ProjectionStore<E>[];
  private running = false;
  private loop: Promise<void> = Promise.resolve();
  private wake: () => void = () => undefined;
  private nudged = false;
  private reached = 0n;
  private failures = 0;
  private lookedAt = -Infinity;

  constructor(
    private readonly options: {
      database: Database;
      source: Source<E>;
      // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each projection has a row type of its own
      projections: readonly Projection<any, E>[];
      onError: (error: unknown) => void;
      onBatch?: (events: readonly E[]) => void;
    },
  ) {
    this.stores = options.projections.map((definition) => new ProjectionStore(definition));
  }

  start(): void {
    this.running = true;
    this.loop = this.run();
  }

  /** Finishes the batch under way. */
  async stop(): Promise<void> {
    this.running = false;
    this.wake();
    await this.loop;
  }

  /** There is something new in the log: look now. */
  nudge(): void {
    this.nudged = true;
    this.wake();
  }

  /** The position up to which every table is complete, as of the last batch of this process. */
  position(): bigint {
    return this.reached;
  }

  metrics(): Record<string, number> {
    return { projection_position: Number(this.reached), projection_failures_total: this.failures };
  }

  private async run(): Promise<void> {
    let expectsMore = true;
    while (this.running) {
      try {
        this.nudged = false;
        const applied: number = expectsMore || (await this.hasMore()) ? await this.applyBatch() : 0;
        if (applied < BATCH && !this.nudged) await this.sleep(IDLE_MS);
        expectsMore = applied === BATCH || this.nudged;
      } catch (error) {
        expectsMore = true;
        this.failures += 1;
        this.options.onError(error);
        await this.sleep(RETRY_MS);
      }
    }
  }

  /** One read instead of a transaction with locks: most of the time nothing is new. */
  private async hasMore(): Promise<boolean> {
    if (performance.now() - this.lookedAt > WHOLE_LOOK_MS) return true;
    return (await this.options.source.readAfter(this.reached, 1)).length > 0;
  }

  private async applyBatch(): Promise<number> {
    const { database, source, onBatch } = this.options;
    const { batch: events, position } = await inTransaction(database, async (session) => {
      const positions = await lockCheckpoints(
        session,
        this.stores.map((store) => store.name),
      );
      const from = [...positions.values()].reduce((low, position) => (position < low ? position : low));
      const batch = await source.readAfter(from, BATCH);
      const last = batch.at(-1);
      if (!last) return { batch, position: from };
      for (const store of this.stores) {
        const done = positions.get(store.name) ?? 0n;
        await store.apply(session, done === from ? batch : batch.filter((event) => event.position > done));
      }
      await moveCheckpoints(
        session,
        [...positions].filter(([, at]) => at < last.position).map(([name]) => name),
        last.position,
      );
      return { batch, position: last.position };
    });
    // Only now: whoever waits for a position looks at the tables next.
    this.reached = position;
    this.lookedAt = performance.now();
    if (events.length > 0) onBatch?.(events);
    return events.length;
  }

  private sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (!this.running || this.nudged) this.wake();
    });
  }
}

/** Folds batches into one table, live or beside it. */
export class ProjectionStore<E extends Sourced> {
  readonly name: string;
  private readonly rows: RowStore<Record<string, unknown>>;

  constructor(
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- rows are handled by column name here
    private readonly definition: Projection<any, E>,
    tableName: string = definition.table.name,
  ) {
    this.name = tableName;
    this.rows = new RowStore(definition.table, tableName);
  }

  async apply(session: Session, events: readonly E[]): Promise<void> {
    const wanted = new Map<string, Record<string, unknown>>();
    const steps: { id: string; event: E; key: Record<string, unknown> }[] = [];
    for (const event of events) {
      const rule = this.definition.on[event.type];
      if (!rule) continue;
      for (const key of [rule.key(event)].flat() as Record<string, unknown>[]) {
        const id = this.rows.keyOf(key);
        wanted.set(id, key);
        steps.push({ id, event, key });
      }
    }
    if (steps.length === 0) return;
    const rows = await this.rows.load(session, [...wanted.values()]);
    const changed = new Map<string, Record<string, unknown>>();
    for (const { id, event, key } of steps) {
      const next = this.definition.on[event.type]?.row(rows.get(id), event, key) as Record<string, unknown> | undefined;
      if (!next) continue;
      rows.set(id, next);
      changed.set(id, next);
    }
    if (changed.size > 0) await this.rows.save(session, [...changed.values()]);
  }
}

/**
 * Locks these checkpoints, always in the same order, and makes those that are missing. What was made is read afterwards: who
 * made one at the same time has folded from it by the time this gets the lock.
 */
export const lockCheckpoints = async (session: Session, names: readonly string[]): Promise<Map<string, bigint>> => {
  const found = await lockExisting(session, names);
  if (found.size === new Set(names).size) return found;
  await session.query(
    'insert into projection_checkpoints (projection) select * from unnest($1::text[]) order by 1 on conflict do nothing',
    [names],
  );
  return lockExisting(session, names);
};

const lockExisting = async (session: Session, names: readonly string[]): Promise<Map<string, bigint>> => {
  const { rows } = await session.query<{ projection: string; position: string }>({
    name: 'projection-lock',
    text: 'select projection, position from projection_checkpoints where projection = any($1) order by projection for update',
    values: [names],
  });
  return new Map(rows.map((row) => [row.projection, BigInt(row.position)]));
};

const moveCheckpoints = async (session: Session, names: readonly string[], position: bigint): Promise<void> => {
  await session.query({
    name: 'projection-move',
    text: 'update projection_checkpoints set position = $2 where projection = any($1)',
    values: [names, position.toString()],
  });
};
