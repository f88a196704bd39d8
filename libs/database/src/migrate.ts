import { DataSource, type MigrationInterface } from 'typeorm';

/** A forward-only step of a schema, written as plain SQL. Its class name ends in the epoch milliseconds that order it. */
export type Migration = new () => MigrationInterface;

// TypeORM takes no lock around migrations, so processes that start together would race; this one serialises them.
const MIGRATION_LOCK = 7_140_001;

/** Brings a database to the newest schema. Safe to call from several processes at once, and again. */
export const migrate = async (url: string, migrations: readonly Migration[]): Promise<void> => {
  const source = new DataSource({
    type: 'postgres',
    url,
    migrations: [...migrations],
    migrationsTableName: 'migrations',
  });
  await source.initialize();
  const lock = source.createQueryRunner();
  try {
    await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await source.runMigrations({ transaction: 'each' });
    await lock.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
  } finally {
    await lock.release();
    await source.destroy();
  }
};
