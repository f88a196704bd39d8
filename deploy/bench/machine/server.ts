import { type Database, migrate, type Migration, openPool } from '@oppi/database';
import { type LocalPostgres, startPostgres } from '@oppi/local-postgres';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONNECTIONS } from '../append/contender';

/** A database of its own, with a pool. */
export type BenchDatabase = Readonly<{ name: string; url: string; pool: Database }>;

/** The one PostgreSQL of a run, with the settings the product ships; its data go with this process. */
export class BenchServer {
  private readonly pools: Database[] = [];
  private readonly admin: Database;
  private made = 0;
  private isClosing = false;

  private constructor(private readonly postgres: LocalPostgres) {
    this.admin = this.pool(this.url(), 1);
  }

  static async start(settings: Readonly<Record<string, string | number>> = {}): Promise<BenchServer> {
    const dataFolder = mkdtempSync(join(tmpdir(), 'oppi-bench-'));
    return new BenchServer(await startPostgres({ dataFolder, temporary: true, settings }));
  }

  get pid(): number {
    return this.postgres.pid;
  }

  get port(): number {
    return this.postgres.port;
  }

  url(database = 'postgres'): string {
    return this.postgres.url(database);
  }

  /** An empty database with these migrations; `name` is made unique. */
  async database(name: string, migrations: readonly Migration[] = []): Promise<BenchDatabase> {
    this.made += 1;
    const unique = `${name}_${String(this.made)}`;
    await this.admin.query(`create database ${unique}`);
    const url = this.url(unique);
    if (migrations.length > 0) await migrate(url, migrations);
    return { name: unique, url, pool: this.pool(url, CONNECTIONS) };
  }

  async rows<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.admin.query<Row>(text, values)).rows;
  }

  /** Makes what was written so far no longer cost the next measurement. */
  async settle(): Promise<void> {
    await this.admin.query('checkpoint');
  }

  async remove(): Promise<void> {
    this.isClosing = true;
    await Promise.all(this.pools.map((pool) => pool.end()));
    await this.postgres.remove();
  }

  private pool(url: string, max: number): Database {
    // Hundreds of callers wait for a few connections: that is what is measured, so nobody gives up waiting.
    const onError = (error: Error): void => {
      if (!this.isClosing) throw error;
    };
    const pool = openPool(url, onError, { max, connectionTimeoutMillis: 60_000 });
    this.pools.push(pool);
    return pool;
  }
}
