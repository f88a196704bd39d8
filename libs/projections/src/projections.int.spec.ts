import { setTimeout as pause } from 'node:timers/promises';
import type { Migration } from '@oppi/database';
import { freshDatabase, type FreshDatabase } from '@oppi/testing';
import { type Projection, projection, projectionMigrations, Projector, rebuild, type Source } from './index';

type Paid = { position: bigint; type: string; account: string; cents: number };
type Balance = { account: string; cents: string; payments: number; lastOn: string | null; seenAt: string | null };

class CreateBalances1795400900000 {
  async up(db: { query(sql: string): Promise<unknown> }): Promise<void> {
    await db.query(`create table balances (account text primary key, cents bigint not null check (cents >= 0),
      payments integer not null, last_on date, seen_at timestamptz)`);
  }
  async down(): Promise<void> {
    /* read tables are dropped with their database */
  }
}

const balances = projection<Balance, Paid>({
  table: {
    name: 'balances',
    columns: { account: 'text', cents: 'bigint', payments: 'integer', lastOn: 'date', seenAt: 'timestamptz' },
    key: ['account'],
  },
  on: {
    Paid: {
      key: ({ account }) => ({ account }),
      row: (row, { account, cents }) => ({
        account,
        cents: String(Number(row?.cents ?? 0) + cents),
        payments: (row?.payments ?? 0) + 1,
        lastOn: row?.lastOn === undefined ? null : '2026-03-29',
        seenAt: '2026-03-29T01:30:00.123Z',
      }),
    },
    Looked: { key: ({ account }) => ({ account }), row: () => undefined },
  },
});

class Log implements Source<Paid> {
  readonly events: Paid[] = [];
  looks = 0;
  pay(account: string, cents: number, type = 'Paid'): void {
    this.events.push({ position: BigInt(this.events.length + 1) * 3n, type, account, cents });
  }
  readAfter(position: bigint, limit: number): Promise<Paid[]> {
    this.looks += 1;
    return Promise.resolve(this.events.filter((event) => event.position > position).slice(0, limit));
  }
  head(): Promise<bigint> {
    return Promise.resolve(this.events.at(-1)?.position ?? 0n);
  }
}

const migrations: readonly Migration[] = [...projectionMigrations, CreateBalances1795400900000];
let database: FreshDatabase;
let log: Log;
const running: Projector<Paid>[] = [];

beforeEach(async () => {
  database = await freshDatabase(migrations);
  log = new Log();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((projector) => projector.stop()));
  await database.drop();
});

const errors: unknown[] = [];
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each projection has a row type of its own
const start = (projections: Projection<any, Paid>[] = [balances]): Projector<Paid> => {
  const projector = new Projector({
    database: database.pool,
    source: log,
    projections,
    onError: (error) => errors.push(error),
  });
  running.push(projector);
  projector.start();
  return projector;
};
const upTo = async (projector: Projector<Paid>): Promise<void> => {
  const head = await log.head();
  for (let i = 0; projector.position() < head && i < 400; i += 1) await pause(10);
  expect(projector.position()).toBe(head);
};
const rows = async (): Promise<object[]> =>
  (await database.pool.query<object>('select account, cents::int as cents, payments from balances order by account'))
    .rows;

describe('keeping a read table up', () => {
  it('folds what is there, then what comes, and passes over what no rule names', async () => {
    log.pay('anna', 100);
    log.pay('bert', 7);
    log.pay('anna', 50);
    const projector = start();
    await upTo(projector);
    expect(await rows()).toEqual([
      { account: 'anna', cents: 150, payments: 2 },
      { account: 'bert', cents: 7, payments: 1 },
    ]);
    log.pay('anna', 1);
    log.pay('anna', 0, 'Looked');
    log.pay('cleo', 0, 'Unheard');
    projector.nudge();
    await upTo(projector);
    expect(await rows()).toEqual([
      { account: 'anna', cents: 151, payments: 3 },
      { account: 'bert', cents: 7, payments: 1 },
    ]);
  });

  it('I6: applies each event once when two processes run, and when one starts again', async () => {
    for (let i = 0; i < 5_000; i += 1) log.pay(`account-${i % 50}`, 1);
    const [one, other] = [start(), start()];
    for (let round = 0; round < 60; round += 1) {
      for (let i = 0; i < 20; i += 1) log.pay(`account-${i % 3}`, 1);
      one.nudge();
      other.nudge();
      await pause(2);
    }
    await upTo(one);
    await upTo(other);
    await one.stop();
    for (let i = 0; i < 100; i += 1) log.pay('account-0', 1);
    await upTo(start());
    expect((await rows()).reduce((sum, row) => sum + (row as { cents: number }).cents, 0)).toBe(6_300);
  });

  it('applies nothing of a batch that fails, says so, and goes on when the cause is gone', async () => {
    log.pay('anna', 1);
    log.pay('anna', -5); // the table refuses a negative balance
    const projector = start();
    for (let i = 0; errors.length === 0 && i < 300; i += 1) await pause(10);
    expect(errors.length).toBeGreaterThan(0);
    expect(await rows()).toEqual([]);
    log.events.splice(1, 1);
    log.pay('bert', 2);
    await upTo(projector);
    expect(await rows()).toEqual([
      { account: 'anna', cents: 1, payments: 1 },
      { account: 'bert', cents: 2, payments: 1 },
    ]);
  });

  it('reads dates and times back exactly as they were written', async () => {
    log.pay('anna', 1);
    await upTo(start());
    log.pay('anna', 1);
    await upTo(start());
    const { rows: stored } = await database.pool.query<object>('select last_on::text, seen_at::text from balances');
    expect(stored).toEqual([{ last_on: '2026-03-29', seen_at: expect.stringContaining('01:30:00.123') as string }]);
  });
});

describe('with nothing new', () => {
  const untilLooked = async (times: number): Promise<void> => {
    for (const end = log.looks + times; log.looks < end;) await pause(10);
  };

  it('looks without a transaction, and finds what nobody told it of', async () => {
    log.pay('anna', 1);
    const projector = start();
    await upTo(projector);
    const transactions = jest.spyOn(database.pool, 'connect');
    await untilLooked(6);
    expect(transactions.mock.calls.length).toBeLessThanOrEqual(1); // the whole look of every few seconds
    log.pay('anna', 2);
    await upTo(projector);
    expect(await rows()).toEqual([{ account: 'anna', cents: 3, payments: 2 }]);
  });

  it('notices in time that its checkpoint was set back', async () => {
    log.pay('anna', 1);
    await upTo(start());
    await database.pool.query('update projection_checkpoints set position = 0');
    let position = '0';
    while (position === '0') {
      await pause(50);
      const { rows: found } = await database.pool.query<{ position: string }>(
        'select position from projection_checkpoints',
      );
      position = found[0]?.position ?? '0';
    }
    expect(position).toBe((await log.head()).toString());
  });
});

describe('a read table that joins later', () => {
  it('catches up by itself, and the others apply nothing again', async () => {
    for (let i = 0; i < 300; i += 1) log.pay('anna', 1);
    const before = start();
    await upTo(before);
    await before.stop();
    await database.pool.query('create table late_balances (like balances including all)');
    const late = projection<Balance, Paid>({ ...balances, table: { ...balances.table, name: 'late_balances' } });
    const both = start([balances, late]);
    log.pay('anna', 1);
    await upTo(both);
    const sum = async (table: string): Promise<object[]> =>
      (await database.pool.query<object>(`select cents::int as cents, payments from ${table}`)).rows;
    expect(await sum('balances')).toEqual([{ cents: 301, payments: 301 }]);
    expect(await sum('late_balances')).toEqual([{ cents: 301, payments: 301 }]);
  });
});

describe('a read table of nothing but keys', () => {
  it('keeps each row once', async () => {
    await database.pool.query('create table payers (account text primary key)');
    const payers = projection<{ account: string }, Paid>({
      table: { name: 'payers', columns: { account: 'text' }, key: ['account'] },
      on: { Paid: { key: ({ account }) => ({ account }), row: (_row, { account }) => ({ account }) } },
    });
    for (const account of ['anna', 'bert', 'anna']) log.pay(account, 1);
    const projector = start([payers]);
    await upTo(projector);
    log.pay('anna', 1);
    projector.nudge();
    await upTo(projector);
    const { rows: found } = await database.pool.query('select account from payers order by account');
    expect(found).toEqual([{ account: 'anna' }, { account: 'bert' }]);
  });
});

describe('a rule for several rows', () => {
  it('changes each of them, and again within one batch', async () => {
    const shared = projection<Balance, Paid>({
      ...balances,
      on: {
        Paid: {
          // An account named `anna+bert` is paid half each.
          key: ({ account }) => account.split('+').map((each) => ({ account: each })),
          row: (row, { cents, account }, key) => ({
            account: String(key.account),
            cents: String(Number(row?.cents ?? 0) + cents / account.split('+').length),
            payments: (row?.payments ?? 0) + 1,
            lastOn: null,
            seenAt: null,
          }),
        },
      },
    });
    log.pay('anna+bert', 100);
    log.pay('anna', 1);
    log.pay('bert+cleo', 10);
    await upTo(start([shared]));
    expect(await rows()).toEqual([
      { account: 'anna', cents: 51, payments: 2 },
      { account: 'bert', cents: 55, payments: 2 },
      { account: 'cleo', cents: 5, payments: 1 },
    ]);
    expect(await rebuild(database.pool, log, [shared])).toMatchObject([{ equal: true, rows: 3 }]);
  });
});

describe('rebuilding', () => {
  it('I7: gives the same rows, beside a projector that goes on', async () => {
    for (let i = 0; i < 12_000; i += 1) log.pay(`account-${i % 97}`, i % 13);
    const projector = start();
    await upTo(projector);
    const before = await rows();
    const rebuilding = rebuild(database.pool, log, [balances]);
    for (let i = 0; i < 500; i += 1) log.pay('late', 1);
    projector.nudge();
    const [result] = await rebuilding;
    expect(result).toMatchObject({ name: 'balances', equal: true });
    await upTo(projector);
    expect(await rows()).toEqual([...before, { account: 'late', cents: 500, payments: 500 }]);
  });

  it('tells when the live table was not what the log says, and mends it', async () => {
    log.pay('anna', 1);
    await upTo(start());
    await database.pool.query("update balances set cents = 999 where account = 'anna'");
    const [first] = await rebuild(database.pool, log, [balances]);
    const [second] = await rebuild(database.pool, log, [balances]);
    expect([first?.equal, second?.equal]).toEqual([false, true]);
    expect(await rows()).toEqual([{ account: 'anna', cents: 1, payments: 1 }]);
  });

  it('RP-03: leaves the live table alone when it breaks, and starts afresh afterwards', async () => {
    for (let i = 0; i < 100; i += 1) log.pay('anna', 1);
    await upTo(start());
    const broken: Source<Paid> = {
      head: () => log.head(),
      readAfter: () => Promise.reject(new Error('the log is away')),
    };
    await expect(rebuild(database.pool, broken, [balances])).rejects.toThrow('the log is away');
    expect(await rows()).toEqual([{ account: 'anna', cents: 100, payments: 100 }]);
    expect(await rebuild(database.pool, log, [balances])).toMatchObject([{ equal: true, rows: 1 }]);
  });

  it('runs once at a time', async () => {
    for (let i = 0; i < 20_000; i += 1) log.pay(`account-${i % 10}`, 1);
    await upTo(start());
    const both = await Promise.allSettled([
      rebuild(database.pool, log, [balances]),
      rebuild(database.pool, log, [balances]),
    ]);
    const refused = both.filter((each) => each.status === 'rejected');
    expect(refused).toHaveLength(1);
    expect((refused[0] as PromiseRejectedResult).reason).toMatchObject({ code: 'rebuild-running' });
  });
});
