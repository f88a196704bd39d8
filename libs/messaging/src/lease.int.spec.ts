import type { Database } from '@oppi/database';
import { freshDatabase, type FreshDatabase } from '@oppi/testing';
import { Lease } from './lease';
import { busMigrations } from './migrations';
import { until } from './testing/scene';

/** Holds up renewals. */
class Gate {
  open: () => void = () => undefined;
  private readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });

  before(database: Database): Database {
    const query = async (text: string, values?: unknown[]) => {
      if (text.includes('where epoch =')) await this.opened;
      return database.query(text, values);
    };
    return { query } as unknown as Database;
  }
}

describe('a lease', () => {
  let fresh: FreshDatabase;
  let leases: Lease[];

  beforeAll(async () => {
    fresh = await freshDatabase(busMigrations);
  });

  beforeEach(async () => {
    leases = [];
    await fresh.pool.query('truncate bus_groups');
  });

  afterEach(async () => {
    for (const lease of leases) await lease.release();
  });

  afterAll(() => fresh.drop());

  const lease = (durationMs = 60_000, database: Database = fresh.pool): Lease => {
    const made = new Lease({
      database,
      table: 'bus_groups',
      key: { name: 'readers' },
      durationMs,
      onError: (error) => {
        throw error;
      },
    });
    leases.push(made);
    return made;
  };

  const setEnd = (sql: string) => fresh.pool.query(`update bus_groups set lease_until = ${sql}`);

  it('has one holder, and another only after it was given back', async () => {
    const [one, two] = [lease(), lease()];
    expect([await one.take(), await two.take()]).toEqual([true, false]);
    await one.release();
    expect([one.isHeld, await two.take(), await one.take()]).toEqual([false, true, false]);
  });

  it('can be taken when its time is over, by the clock of the database, and with a higher epoch', async () => {
    const [one, two] = [lease(), lease()];
    await one.take();
    await setEnd(`clock_timestamp() - interval '1 millisecond'`);
    expect(await two.take()).toBe(true);
    expect(two.epoch).toBeGreaterThan(one.epoch!);
  });

  it('can be taken again by its holder, as after a lost connection', async () => {
    const one = lease();
    await one.take();
    const before = one.epoch!;
    expect(await one.take()).toBe(true);
    expect(one.epoch).toBeGreaterThan(before);
  });

  it('is renewed while the holder lives', async () => {
    const one = lease(900);
    await one.take();
    const first = await ends();
    await until(async () => (await ends()) > first);
    expect(one.isHeld).toBe(true);
  });

  it('stays over once its time is over, though a renewal comes through late, and is given back then', async () => {
    const gate = new Gate();
    const one = lease(150, gate.before(fresh.pool));
    await one.take();
    await until(() => !one.isHeld);
    gate.open();
    await until(() => one.epoch === undefined);
    expect([one.isHeld, await lease().take()]).toEqual([false, true]);
  });

  it('is known to be lost at the next renewal, and its release harms nobody', async () => {
    const [one, two] = [lease(300), lease()];
    await one.take();
    await setEnd('null');
    await two.take();
    await until(() => one.epoch === undefined);
    await one.release();
    expect(await lease().take()).toBe(false);
  });

  const ends = async (): Promise<number> => {
    const { rows } = await fresh.pool.query<{ at: string }>(
      'select extract(epoch from lease_until) as at from bus_groups',
    );
    return Number(rows[0]?.at);
  };
});
