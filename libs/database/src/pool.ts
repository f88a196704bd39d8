import { Pool, type PoolClient, type PoolConfig } from 'pg';

/** A pool of connections to one database. */
export type Database = Pick<Pool, 'query' | 'connect' | 'end'>;
/** One connection inside a transaction. */
export type Session = PoolClient;

/**
 * Opens a pool that gives up instead of waiting for ever: 2 s for a connection, 10 s idle in a transaction.
 * `onError` hears of connections that broke; the pool replaces them by itself.
 */
export const openPool = (url: string, onError: (error: Error) => void, more: PoolConfig = {}): Database => {
  const pool = new Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 2_000,
    idle_in_transaction_session_timeout: 10_000,
    ...more,
  });
  pool.on('error', onError);
  // The pool listens only to idle connections; one that breaks while in use would end the process.
  pool.on('connect', (session) => session.on('error', onError));
  return pool;
};

/** For what callers wait for: a statement ends after 5 s, and nobody waits longer than 2 s for a lock. */
export const FOR_REQUESTS: PoolConfig = { statement_timeout: 5_000, lock_timeout: 2_000 };

/** For what works beside the requests: longer statements, and connections of its own, so that neither starves the other. */
export const FOR_WORK: PoolConfig = { statement_timeout: 60_000, max: 6 };

/** Runs `work` in one transaction: all of it is committed or none. A connection that could not roll back is closed. */
export const inTransaction = <T>(pool: Database, work: (session: Session) => Promise<T>): Promise<T> =>
  within(pool, 'begin', work);

/** The same for questions that have to fit each other: all of them see what was committed when the first was asked. */
export const inSnapshot = <T>(pool: Database, work: (session: Session) => Promise<T>): Promise<T> =>
  within(pool, 'begin isolation level repeatable read, read only', work);

const within = async <T>(pool: Database, begin: string, work: (session: Session) => Promise<T>): Promise<T> => {
  const session = await pool.connect();
  let broken: Error | undefined;
  try {
    await session.query(begin);
    const result = await work(session);
    await session.query('commit');
    return result;
  } catch (error) {
    await session.query('rollback').catch((failure: unknown) => {
      broken = failure instanceof Error ? failure : new Error('The transaction could not be rolled back.');
    });
    throw error;
  } finally {
    session.release(broken);
  }
};
