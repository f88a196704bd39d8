import { startPostgres, type LocalPostgres } from '@oppi/local-postgres';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTester } from './run-server';

/** A server of one test file, to be killed and started again. */
export type OwnPostgres = Readonly<{
  port: number;
  /** Address of a role that may create databases; pass it to `freshDatabase` as `serverUrl`. Stays the same for good. */
  serverUrl: string;
  /** Address of a superuser. */
  superuserUrl: (database?: string) => string;
  /** Signal 9 to the server and all its processes. */
  kill9: () => Promise<void>;
  /** Starts it again, on the same port and data. */
  start: () => Promise<void>;
  /** Stops it in good order; the data stay. */
  stop: () => Promise<void>;
  /** Stops it and deletes the data. */
  remove: () => Promise<void>;
}>;

/** Starts a server of its own for a test that kills it. */
export const ownPostgres = async (settings: Readonly<Record<string, string | number>> = {}): Promise<OwnPostgres> => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'oppi-own-'));
  const start = (port?: number): Promise<LocalPostgres> =>
    startPostgres({ dataFolder, temporary: true, settings, port });
  let server = await start();
  const { port, url } = server;
  return {
    port,
    serverUrl: await createTester(server),
    superuserUrl: (database) => url(database),
    kill9: () => server.kill9(),
    start: async () => {
      server = await start(port);
    },
    stop: () => server.stop(),
    remove: () => server.remove(),
  };
};
