import { randomBytes } from 'node:crypto';
import { type Database, FOR_REQUESTS, FOR_WORK, inTransaction, openPool } from '@oppi/database';
import { freshDatabase, type FreshDatabase } from '@oppi/testing';
import { EventStore, eventStoreMigrations, streamOf, Vault } from './index';
import { aCommand, count, counter } from './testing/counter.fixtures';

let database: FreshDatabase;
let requests: Database;
let work: Database;
const loud = (error: Error): void => {
  throw error;
};

beforeAll(async () => {
  database = await freshDatabase(eventStoreMigrations);
  requests = openPool(database.url, loud, FOR_REQUESTS);
  work = openPool(database.url, loud, FOR_WORK);
});
afterAll(async () => {
  await Promise.all([requests.end(), work.end()]);
  await database.drop();
});

const limitsOf = async (pool: Database): Promise<Record<string, string>> => {
  const { rows } = await pool.query<{ name: string; setting: string }>(
    `select name, setting from pg_settings
     where name in ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout')`,
  );
  return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
};

describe('LIM-13: what a caller waits for', () => {
  it('has 5 s a statement, 2 s for a lock and 10 s of idling in a transaction; work beside it has 60 s a statement', async () => {
    const idle_in_transaction_session_timeout = '10000';
    expect(await limitsOf(requests)).toEqual({
      idle_in_transaction_session_timeout,
      lock_timeout: '2000',
      statement_timeout: '5000',
    });
    expect(await limitsOf(work)).toEqual({
      idle_in_transaction_session_timeout,
      lock_timeout: '0',
      statement_timeout: '60000',
    });
  });

  it('F24: is given up when the append lock stays taken, leaves nothing, and may be sent again', async () => {
    const store = new EventStore(requests, new Vault(requests, randomBytes(32)));
    const context = aCommand();
    const append = () =>
      store.transact(context, { counter: streamOf(counter, 'counter-limited') }, (states) => ({
        counter: count(states.counter),
      }));
    await inTransaction(database.pool, async (session) => {
      await session.query('select pg_advisory_xact_lock(7140002)');
      await expect(append()).rejects.toMatchObject({ code: '55P03' });
    });
    expect(await append()).toMatchObject({ version: 1, replayed: false });
  });
});
