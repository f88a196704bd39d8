import type { Pool, PoolClient } from 'pg';
import { type Canceller, openCanceller, type Statement } from './canceller';
import type { Database } from './pool';
import { currentWaiting, type Waiting } from './waiting';

type Query = readonly unknown[];

/**
 * A database for queries. When nobody waits for one any more, what it has not begun is not begun, be it waiting for a
 * connection or the next statement of a transaction, and the statement that runs is cancelled.
 */
export class Reads implements Database {
  // pg describes each by a row of overloads, and these hand on whatever they are given.
  readonly query = ((...query: Query) => this.read(query)) as Pool['query'];
  readonly connect = (() => this.openSession()) as Pool['connect'];

  constructor(
    private readonly pool: Database,
    private readonly canceller: Canceller,
  ) {}

  /** Ends the pool too. */
  async end(): Promise<void> {
    await Promise.all([this.canceller.end(), this.pool.end()]);
  }

  private async read(query: Query): Promise<unknown> {
    const waiting = currentWaiting();
    if (!waiting) return send(this.pool, query);
    if (waiting.reason) throw waiting.reason;
    const session = await this.pool.connect();
    try {
      return await this.run(session, waiting, query);
    } finally {
      session.release();
    }
  }

  private async openSession(): Promise<PoolClient> {
    const waiting = currentWaiting();
    if (!waiting) return this.pool.connect();
    if (waiting.reason) throw waiting.reason;
    const session = await this.pool.connect();
    // Whoever gave up still has to leave the transaction.
    const query = (...query: Query): unknown =>
      query[0] === 'rollback' ? send(session, query) : this.run(session, waiting, query);
    return Object.assign(Object.create(session) as PoolClient, { query });
  }

  /** Ends when both the statement and its cancellation have: only then may the connection be given back. */
  private async run(session: PoolClient, waiting: Waiting, query: Query): Promise<unknown> {
    const statement: Statement = { processId: processIdOf(session) };
    waiting.begin(statement, this.canceller);
    try {
      return await send(session, query);
    } catch (error) {
      throw waiting.reason ?? error;
    } finally {
      waiting.ended(statement);
      if (waiting.reason) await this.canceller.settled(statement);
    }
  }
}

const send = (to: object, query: Query): unknown => (to as { query: (...query: Query) => unknown }).query(...query);

// pg has it and its types do not.
const processIdOf = (session: PoolClient): number => (session as unknown as { processID: number }).processID;

/** Reads on a pool, with one connection more at `url` for cancelling them. */
export const openReads = (pool: Database, url: string, onError: (error: Error) => void): Reads =>
  new Reads(pool, openCanceller(url, onError));
