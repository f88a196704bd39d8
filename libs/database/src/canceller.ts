import { openPool, type Database } from './pool';

/** A statement that is under way, by the process that works on it. */
export type Statement = { readonly processId: number; cancelling?: Promise<void> };

/**
 * Ends statements that nobody waits for, one at a time over one connection of its own: a storm of callers who give up takes
 * no more than that.
 */
export class Canceller {
  private readonly queue = new Set<Statement>();
  private isWorking = false;

  constructor(private readonly connection: Pick<Database, 'query' | 'end'>) {}

  /** Ends a statement in its turn. One that ran to its end, or whose cancellation was not heard, is left alone. */
  cancel(statement: Statement): void {
    this.queue.add(statement);
    if (!this.isWorking) void this.work();
  }

  /** Of a statement that has its answer: resolves when no cancellation can hit the next one on its connection any more. */
  async settled(statement: Statement): Promise<void> {
    this.queue.delete(statement);
    // PostgreSQL forgets one that came while its process had nothing to do, so the answer to the cancellation is enough.
    await statement.cancelling;
  }

  end(): Promise<void> {
    return this.connection.end();
  }

  private async work(): Promise<void> {
    this.isWorking = true;
    for (const statement of this.queue) {
      this.queue.delete(statement);
      statement.cancelling = this.send(statement.processId);
      await statement.cancelling;
    }
    this.isWorking = false;
  }

  private async send(processId: number): Promise<void> {
    try {
      await this.connection.query('select pg_cancel_backend($1)', [processId]);
    } catch {
      // Then it ends by its own timeout.
    }
  }
}

/** A canceller with its connection, which is opened by the first cancellation and kept. It gives up on each after 2 s. */
export const openCanceller = (url: string, onError: (error: Error) => void): Canceller =>
  new Canceller(openPool(url, onError, { max: 1, idleTimeoutMillis: 0, query_timeout: 2_000 }));
