import { startPostgres, type LocalPostgres } from '@oppi/local-postgres';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

/** Environment variable by which global set-up tells the workers where this run's server is. */
export const SERVER_URL = 'OPPI_TEST_POSTGRES_URL';

/** The role that services work as in tests: what it may do, `prepareDatabase` gives it. */
export const APPLICATION = 'tester_application';

/** Starts a server in a folder of its own under the system's temporary folder; both end with this process. */
export const startTemporaryPostgres = (
  settings: Readonly<Record<string, string | number>> = {},
): Promise<LocalPostgres> =>
  startPostgres({ dataFolder: mkdtempSync(join(tmpdir(), 'oppi-test-')), temporary: true, settings });

/**
 * Makes the role that tests work as and answers its address. It may create databases and is no superuser, so that a
 * missing right shows in a test and not in production.
 */
export const createTester = async (server: LocalPostgres): Promise<string> => {
  const admin = new Client({ connectionString: server.url() });
  await admin.connect();
  try {
    const tester = new URL(server.url('postgres', 'tester'));
    const known = await admin.query("select 1 from pg_roles where rolname = 'tester'");
    if (!known.rowCount) {
      await admin.query(`create role tester login createdb password '${tester.password}'`);
      // What services work as. It has the tester's password, so that one address is enough to know both.
      await admin.query(
        `create role ${APPLICATION} login password '${tester.password}'; grant ${APPLICATION} to tester`,
      );
    }
    return tester.href;
  } finally {
    await admin.end();
  }
};
