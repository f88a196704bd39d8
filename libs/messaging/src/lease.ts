import { randomUUID } from 'node:crypto';
import type { Database } from '@oppi/database';
import { asError } from './waiting';

/** A row with the columns `owner`, `epoch` and `lease_until`, found by its key. */
export type LeaseRow = Readonly<{
  database: Database;
  table: 'bus_groups' | 'relay_checkpoints';
  key: Readonly<Record<string, string>>;
  /** How long a silent holder keeps it. Renewed at a third of that. */
  durationMs: number;
  onError: (error: Error) => void;
}>;

/**
 * Leadership by a row, judged by the database's clock. Each taking raises `epoch`, the fencing token: a holder that slept
 * past its time cannot know it, so whatever must not happen twice compares the epoch when it writes.
 */
export class Lease {
  private readonly owner = randomUUID();
  private taken: { epoch: bigint; until: number } | undefined;
  private renewal: NodeJS.Timeout | undefined;

  constructor(private readonly row: LeaseRow) {}

  /** Whether the term lasts, as far as this process can tell without asking. Once it is over it stays so until the next one is taken. */
  get isHeld(): boolean {
    return this.taken !== undefined && performance.now() < this.taken.until;
  }

  /** The token of the term taken last, for comparing in the database; undefined when none or known to be lost. */
  get epoch(): bigint | undefined {
    return this.taken?.epoch;
  }

  /** Takes it when it is free, expired or our own. */
  async take(): Promise<boolean> {
    const { table, database, key, durationMs } = this.row;
    const columns = Object.keys(key);
    await database.query(
      `insert into ${table} (${columns.join(', ')}) values (${columns.map((_, n) => `$${n + 1}`).join(', ')})
       on conflict do nothing`,
      Object.values(key),
    );
    // The local end is counted from before the question, so it never lies behind that of the row.
    const asked = performance.now();
    const { rows } = await database.query<{ epoch: string }>(
      `update ${table}
       set owner = $2, epoch = epoch + 1, lease_until = clock_timestamp() + $1 * interval '1 millisecond'
       where ${this.isRow(3)} and (lease_until is null or lease_until < clock_timestamp() or owner = $2)
       returning epoch`,
      [durationMs, this.owner, ...Object.values(key)],
    );
    const [won] = rows;
    this.taken = won && { epoch: BigInt(won.epoch), until: asked + durationMs };
    clearTimeout(this.renewal);
    if (won) this.renewLater();
    return won !== undefined;
  }

  /** Gives it back, so that another may take it without waiting. */
  async release(): Promise<void> {
    clearTimeout(this.renewal);
    const term = this.taken;
    this.taken = undefined;
    if (!term) return;
    const { table, database, key } = this.row;
    await database.query(`update ${table} set lease_until = null where epoch = $1 and ${this.isRow(2)}`, [
      term.epoch.toString(),
      ...Object.values(key),
    ]);
  }

  private renewLater(): void {
    this.renewal = setTimeout(() => {
      this.renew().catch((error: unknown) => this.row.onError(asError(error)));
    }, this.row.durationMs / 3);
  }

  private async renew(): Promise<void> {
    const term = this.taken;
    if (!term) return;
    const { table, database, key, durationMs } = this.row;
    try {
      const asked = performance.now();
      const { rowCount } = await database.query(
        `update ${table} set lease_until = clock_timestamp() + $1 * interval '1 millisecond'
         where epoch = $2 and ${this.isRow(3)}`,
        [durationMs, term.epoch.toString(), ...Object.values(key)],
      );
      if (this.taken !== term) return;
      if (rowCount === 0) this.taken = undefined;
      else if (this.isHeld) term.until = asked + durationMs;
      // Too late: some of those who work under it may have seen its end and stopped, and the others must stop as well.
      else await this.release();
    } finally {
      // A renewal that failed is tried again: nobody else can have the lease before its time.
      if (this.taken === term) this.renewLater();
    }
  }

  private isRow(firstPlace: number): string {
    return Object.keys(this.row.key)
      .map((column, n) => `${column} = $${firstPlace + n}`)
      .join(' and ');
  }
}
