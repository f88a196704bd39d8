import { freshDatabase, ownPostgres } from '@oppi/testing';
import { Client } from 'pg';
import { busMigrations, inboxMigrations, relayMigrations } from './migrations';
import { PgLogBus } from './pg-log-bus';
import { busConformance, type Stage } from './testing';

const ignore = (): void => undefined;

/** A server of its own, for it will be killed: log and services lie on it, as they do on one machine. */
const pgStage = async (): Promise<Stage> => {
  const server = await ownPostgres();
  const { serverUrl } = server;
  const log = await freshDatabase(busMigrations, { serverUrl, onError: ignore });
  const admin = async (sql: string): Promise<void> => {
    const client = new Client({ connectionString: server.superuserUrl() });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  return {
    connect: (onError) => new PgLogBus({ url: log.url, onError, leaseMs: 1_500, pollMs: 200 }),
    serviceDatabase: async () => {
      const database = await freshDatabase([...relayMigrations, ...inboxMigrations], { serverUrl, onError: ignore });
      return { pool: database.pool, drop: database.drop };
    },
    cutConnections: () =>
      admin(
        `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null`,
      ),
    crash: async () => {
      await server.kill9();
      await server.start();
    },
    trim: async (topic, below) => {
      const bus = new PgLogBus({ url: log.url, onError: ignore });
      await bus.trim(topic, below);
      await bus.close();
    },
    depose: async (group) => {
      await log.pool.query('update bus_groups set owner = null, lease_until = null where name = $1', [group]);
    },
    end: async () => {
      await log.drop();
      await server.remove();
    },
  };
};

busConformance('PostgreSQL', pgStage);
