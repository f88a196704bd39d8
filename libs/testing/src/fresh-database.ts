import { grantTo, migrate, openPool, type Database, type Migration } from '@oppi/database';
import { createHash, randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { APPLICATION, SERVER_URL } from './run-server';

/** A database of one test file. */
export type FreshDatabase = Readonly<{
  /** As the owner of the schema. */
  url: string;
  /** As the role that a service works as, which may do no more than that needs. */
  applicationUrl: string;
  /** As the owner: a test may look at everything, and break it. */
  pool: Database;
  /** Closes the pool, cuts sessions that are left, and removes the database. */
  drop: () => Promise<void>;
}>;

/** How to make one. */
export type FreshDatabaseOptions = Readonly<{
  /** Address of a role that may create databases; the run's server when absent. */
  serverUrl?: string;
  /** Largest number of connections of `pool`; 10 when absent. */
  connections?: number;
  /** Hears of connections that broke while idle. Tests that kill a server expect some. */
  onError?: (error: Error) => void;
}>;

const runServerUrl = (): string => {
  const url = process.env[SERVER_URL];
  if (!url) throw new Error('No PostgreSQL in this run: name the file *.int.spec.ts or *.e2e.spec.ts.');
  return url;
};

const at = (serverUrl: string, database: string): string => {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
};

const asApplication = (databaseUrl: string): string => {
  const url = new URL(databaseUrl);
  url.username = APPLICATION;
  return url.href;
};

const asAdmin = async <T>(serverUrl: string, work: (admin: Client) => Promise<T>): Promise<T> => {
  const admin = new Client({ connectionString: serverUrl });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
};

/** Two lists share a template only if they name the same classes in the same order. */
const templateName = (migrations: readonly Migration[]): string => {
  const names = migrations.map((migration) => migration.name).join('\n');
  return `template_${createHash('sha256').update(names).digest('hex').slice(0, 16)}`;
};

/** Migrates a template once per list. A lock keeps workers apart; a template left half-made is made again. */
const ensureTemplate = async (
  serverUrl: string,
  admin: Client,
  name: string,
  migrations: readonly Migration[],
): Promise<void> => {
  await admin.query('select pg_advisory_lock(hashtext($1))', [name]);
  const found = await admin.query<{ ready: boolean }>(
    'select datistemplate as ready from pg_database where datname = $1',
    [name],
  );
  if (!found.rows[0]?.ready) {
    if (found.rowCount) await admin.query(`drop database ${name} with (force)`);
    await admin.query(`create database ${name}`);
    await migrate(at(serverUrl, name), migrations);
    await asAdmin(at(serverUrl, name), (owner) => grantTo(APPLICATION, owner));
    await admin.query(`alter database ${name} is_template true`);
  }
  await admin.query('select pg_advisory_unlock(hashtext($1))', [name]);
};

/** An empty database with the schema of these migrations, cloned from a template that is migrated once per run. */
export const freshDatabase = async (
  migrations: readonly Migration[],
  options: FreshDatabaseOptions = {},
): Promise<FreshDatabase> => {
  const serverUrl = options.serverUrl ?? runServerUrl();
  const template = templateName(migrations);
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(serverUrl, async (admin) => {
    await ensureTemplate(serverUrl, admin, template, migrations);
    await admin.query(`create database ${name} template ${template}`);
  });
  const url = at(serverUrl, name);
  const pool = openPool(url, options.onError ?? failLoudly, { max: options.connections ?? 10 });
  return {
    url,
    applicationUrl: asApplication(url),
    pool,
    drop: async () => {
      await pool.end();
      await asAdmin(serverUrl, (admin) => admin.query(`drop database if exists ${name} with (force)`));
    },
  };
};

const failLoudly = (error: Error): void => {
  throw error;
};
