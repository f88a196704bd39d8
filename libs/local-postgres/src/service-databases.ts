import { Client } from 'pg';
import { passwordOf } from './passwords';
import type { LocalPostgres } from './start-postgres';

// Two starters must not create the same role at once.
const LOCK = 7_140_002;

const NAME = /^[a-z][a-z0-9_]*$/;

const ensure = async (admin: Client, name: string, password: string): Promise<void> => {
  const role = await admin.query('select 1 from pg_roles where rolname = $1', [name]);
  // Utility statements take no parameters; the name is checked and the password is base64url, so neither needs quoting.
  await admin.query(`${role.rowCount ? 'alter' : 'create'} role ${name} login password '${password}'`);
  const database = await admin.query('select 1 from pg_database where datname = $1', [name]);
  if (!database.rowCount) await admin.query(`create database ${name} owner ${name}`);
  await admin.query(`revoke all on database ${name} from public`);
};

/**
 * Makes, per name, a role with a password of its own and a database owned by it that no other role may enter; what exists
 * stays as it is. Answers the address of each. Names are lower-case SQL identifiers.
 */
export const createServiceDatabases = async <Name extends string>(
  server: LocalPostgres,
  names: readonly Name[],
): Promise<Record<Name, string>> => {
  const wrong = names.find((name) => !NAME.test(name));
  if (wrong !== undefined) throw new Error(`"${wrong}" cannot name a database.`);
  const admin = new Client({ connectionString: server.url() });
  await admin.connect();
  try {
    await admin.query('select pg_advisory_lock($1)', [LOCK]);
    for (const name of names) await ensure(admin, name, passwordOf(server.folder, name));
  } finally {
    await admin.end();
  }
  const urls = names.map((name) => [name, server.url(name, name)] as const);
  return Object.fromEntries(urls) as Record<Name, string>;
};
