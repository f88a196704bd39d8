import {
  Canceller,
  type Database,
  inSnapshot,
  inTransaction,
  openPool,
  openReads,
  Reads,
  Waiting,
  whileWaitedFor,
} from '@oppi/database';
import { freshDatabase, type FreshDatabase } from '@oppi/testing';

let database: FreshDatabase;
const loud = (error: Error): void => {
  throw error;
};

beforeAll(async () => {
  database = await freshDatabase([]);
  await database.pool.query('create sequence begun');
});
afterAll(() => database.drop());
beforeEach(() => database.pool.query('alter sequence begun restart'));

const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
};
const running = async (statement: string): Promise<number> => {
  const { rowCount } = await database.pool.query(
    `select from pg_stat_activity where datname = current_database() and state = 'active' and query = $1`,
    [statement],
  );
  return rowCount ?? 0;
};
const hasBegun = async (): Promise<boolean> => {
  const { rows } = await database.pool.query<{ is_called: boolean }>('select is_called from begun');
  return rows[0]?.is_called === true;
};

/** Reads on a pool of so many connections, by somebody who gives up when told to. */
const open = (max: number) => {
  const pool = openPool(database.url, loud, { max });
  const reads = openReads(pool, database.url, loud);
  const waiting = new Waiting();
  return {
    pool,
    reads,
    waited: <T>(work: (reads: Reads) => Promise<T>): Promise<T> => whileWaitedFor(waiting, () => work(reads)),
    giveUp: (): void => {
      waiting.giveUp(new Error('gone'));
    },
  };
};
const BEGIN = `select nextval('begun')`;

it('reads like any pool while somebody waits, or when nobody ever did', async () => {
  const { reads, waited } = open(1);
  const one = { rows: [{ one: 1 }] };
  expect(await reads.query('select $1::integer as one', [1])).toMatchObject(one);
  expect(await waited(() => reads.query('select $1::integer as one', [1]))).toMatchObject(one);
  expect(await waited(() => inTransaction(reads, (session) => session.query('select 1 as one')))).toMatchObject(one);
  await expect(waited(() => reads.query('select 1/0'))).rejects.toMatchObject({ code: '22012' });
  await reads.end();
});

describe('a read that nobody waits for any more', () => {
  it('is cancelled where it runs; the connection is good for the next one, and the others go on', async () => {
    const { reads, waited, giveUp } = open(2);
    const other = reads.query('select pg_sleep(0.5) as slept');
    const given = waited(() => reads.query('select pg_sleep(601)'));
    await until(async () => (await running('select pg_sleep(601)')) === 1);
    giveUp();
    await expect(given).rejects.toThrow('gone');
    expect(await running('select pg_sleep(601)')).toBe(0);
    expect(await reads.query('select 1 as one')).toMatchObject({ rows: [{ one: 1 }] });
    await expect(other).resolves.toMatchObject({ rowCount: 1 });
    await reads.end();
  });

  it('does not begin what waits for a connection', async () => {
    const { pool, reads, waited, giveUp } = open(1);
    const session = await pool.connect();
    const waiting = waited(() => Promise.allSettled([reads.query(BEGIN), inTransaction(reads, (s) => s.query(BEGIN))]));
    giveUp();
    session.release();
    expect((await waiting).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(waited(() => reads.query(BEGIN))).rejects.toThrow('gone');
    expect(await hasBegun()).toBe(false);
    await reads.end();
  });

  it('does not begin the next statement of a transaction, and leaves it', async () => {
    const { pool, reads, waited, giveUp } = open(1);
    const transaction = waited(() =>
      inTransaction(reads, async (session) => {
        await session.query('select 1');
        giveUp();
        await session.query(BEGIN);
      }),
    );
    await expect(transaction).rejects.toThrow('gone');
    expect(await hasBegun()).toBe(false);
    const { rows } = await pool.query<{ free: boolean }>(
      'select now() = statement_timestamp() as free', // both are of the statement, outside of a transaction
    );
    expect(rows).toEqual([{ free: true }]);
    await reads.end();
  });

  it('is cancelled inside a transaction', async () => {
    const { reads, waited, giveUp } = open(1);
    const transaction = waited(() => inTransaction(reads, (session) => session.query('select pg_sleep(602)')));
    await until(async () => (await running('select pg_sleep(602)')) === 1);
    giveUp();
    await expect(transaction).rejects.toThrow('gone');
    expect(await reads.query('select 1 as one')).toMatchObject({ rows: [{ one: 1 }] });
    await reads.end();
  });

  it('takes one connection for all that are cancelled at once', async () => {
    const { reads, waited, giveUp } = open(20);
    const given = waited(() =>
      Promise.allSettled(Array.from({ length: 20 }, () => reads.query('select pg_sleep(603)'))),
    );
    await until(async () => (await running('select pg_sleep(603)')) === 20);
    giveUp();
    await given;
    const { rows } = await database.pool.query<{ query: string }>(
      `select query from pg_stat_activity where datname = current_database() and query like '%cancel_backend($1)%'
       and pid <> pg_backend_pid()`,
    );
    expect(rows).toHaveLength(1);
    await reads.end();
  });
});

describe('a cancellation that is late', () => {
  it('holds the connection back until it can hit nothing any more', async () => {
    const pool: Database = openPool(database.url, loud, { max: 1 });
    let answer = (): void => undefined;
    const asked: unknown[] = [];
    const slow = {
      query: (_: string, [processId]: number[]) => {
        asked.push(processId);
        return new Promise<void>((resolve) => (answer = resolve));
      },
      end: () => Promise.resolve(),
    };
    const reads = new Reads(pool, new Canceller(slow as never));
    const waiting = new Waiting();
    const statement = 'select pg_advisory_lock_shared(1)';
    let ended: Promise<unknown> = Promise.resolve();
    await inTransaction(database.pool, async (session) => {
      await session.query('select pg_advisory_xact_lock(1)');
      ended = whileWaitedFor(waiting, () => reads.query(statement));
      await until(async () => (await running(statement)) === 1);
      waiting.giveUp(new Error('gone'));
    });
    await until(async () => (await running(statement)) === 0);
    const next = reads.query<{ pid: number }>('select pg_backend_pid() as pid');
    await expect(Promise.race([next, new Promise((resolve) => setTimeout(resolve, 50, 'waits'))])).resolves.toBe(
      'waits',
    );
    answer();
    await expect(ended).resolves.toMatchObject({ rowCount: 1 });
    expect([(await next).rows[0]?.pid]).toEqual(asked);
    await reads.end();
  });

  it('is not sent to a statement that has its answer', async () => {
    const sent: unknown[] = [];
    let answer = (): void => undefined;
    const busy = {
      query: (_: string, values: unknown[]) => {
        sent.push(values[0]);
        return new Promise<void>((resolve) => (answer = resolve));
      },
      end: () => Promise.resolve(),
    };
    const canceller = new Canceller(busy as never);
    const [first, second] = [{ processId: 1 }, { processId: 2 }];
    canceller.cancel(first);
    canceller.cancel(second);
    await canceller.settled(second);
    answer();
    await canceller.settled(first);
    await new Promise(setImmediate);
    expect(sent).toEqual([1]);
  });
});

describe('a snapshot', () => {
  beforeAll(() => database.pool.query('create table seen (n integer)'));

  it('shows every question what was there at the first, also when more is committed meanwhile', async () => {
    const { reads } = open(1);
    const count = async (session: Pick<Database, 'query'>): Promise<unknown> =>
      (await session.query<{ n: number }>('select count(*)::integer as n from seen')).rows[0]?.n;
    const seen = await inSnapshot(reads, async (session) => {
      const first = await count(session);
      await database.pool.query('insert into seen values (1)');
      return [first, await count(session)];
    });
    expect([...seen, await count(reads)]).toEqual([0, 0, 1]);
    await reads.end();
  });

  it('writes nothing', async () => {
    const { reads } = open(1);
    const writing = inSnapshot(reads, (session) => session.query('insert into seen values (2)'));
    await expect(writing).rejects.toThrow('read-only');
    await reads.end();
  });
});
