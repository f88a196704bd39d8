import { Client } from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { freshDatabase } from './fresh-database';

class CreateThings1795400000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query('create table things (id integer primary key)');
  }
  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table things');
  }
}

class BreakHalfWay1795400000001 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query('select no_such_column');
  }
  async down(): Promise<void> {
    // nothing was made
  }
}

describe('a fresh database', () => {
  it('has the schema of the migrations and shares no rows with another', async () => {
    const [one, other] = await Promise.all([
      freshDatabase([CreateThings1795400000000]),
      freshDatabase([CreateThings1795400000000]),
    ]);
    await one.pool.query('insert into things values (1)');
    expect((await one.pool.query('select * from things')).rowCount).toBe(1);
    expect((await other.pool.query('select * from things')).rowCount).toBe(0);
    await Promise.all([one.drop(), other.drop()]);
  });

  it('migrates its template once, however many ask for it at once', async () => {
    class CountRuns1795400000002 implements MigrationInterface {
      async up(db: QueryRunner): Promise<void> {
        await db.query('create table runs as select txid_current() as run');
      }
      async down(): Promise<void> {
        // stays
      }
    }
    const all = await Promise.all([1, 2, 3, 4].map(() => freshDatabase([CountRuns1795400000002])));
    const runs = await Promise.all(all.map(({ pool }) => pool.query<{ run: string }>('select run from runs')));
    expect(new Set(runs.flatMap(({ rows }) => rows.map(({ run }) => run))).size).toBe(1);
    await Promise.all(all.map(({ drop }) => drop()));
  });

  it('tells of a migration that fails, each time', async () => {
    const broken = [CreateThings1795400000000, BreakHalfWay1795400000001];
    await expect(freshDatabase(broken)).rejects.toThrow('no_such_column');
    await expect(freshDatabase(broken)).rejects.toThrow('no_such_column');
  });

  it('works as a role that is no superuser', async () => {
    const { pool, drop } = await freshDatabase([]);
    const role = await pool.query('select rolsuper from pg_roles where rolname = current_user');
    expect(role.rows).toEqual([{ rolsuper: false }]);
    await drop();
  });

  it('is gone after drop, even with a session left open', async () => {
    const { url, drop } = await freshDatabase([]);
    const again = await freshDatabase([]);
    const leaked = new Client({ connectionString: url });
    const cut = new Promise<void>((resolve) => leaked.on('error', () => resolve()));
    await leaked.connect();
    await drop();
    await cut;
    const left = await again.pool.query('select 1 from pg_database where datname = $1', [
      new URL(url).pathname.slice(1),
    ]);
    expect(left.rowCount).toBe(0);
    await again.drop();
  });

  it('is durable: fsync and synchronous commit are on', async () => {
    const { pool, drop } = await freshDatabase([]);
    const settings = await pool.query<{ setting: string }>(
      "select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'max_connections') order by name",
    );
    expect(settings.rows.map(({ setting }) => setting)).toEqual(['on', '200', 'on']);
    await drop();
  });
});
