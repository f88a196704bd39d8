import { Client } from 'pg';
import { passwordOf } from './passwords';
import type { LocalPostgres } from './start-postgres';

// Two starters must not create the same role at once.
const LOCK = 7_140_002;

const NAME = /^[a-z][a-z0-9_]*$/;

// Utility statements take no parameters; the name is checked and the password is base64url, so neither needs quoting.
const ensureRole = async (admin: Client, server: LocalPostgres, name: string): Promise<void> => {
  const role = await admin.query('select 1 from pg_roles where rolname = $1', [name]);
  const password = passwordOf(server.folder, name);
  await admin.query(`${role.rowCount ? 'alter' : 'create'} role ${name} login password '${password}'`);
};

/** The name of the role that owns a database of ours and its schema. Nothing works as it but migrations. */
export const ownerOf = (name: string): string => `${name}_owner`;

const ensure = async (admin: Client, server: LocalPostgres, name: string): Promise<void> => {
  const owner = ownerOf(name);
  for (const role of [name, owner]) await ensureRole(admin, server, role);
  await admin.query(`grant ${name} to ${owner}`); // so that the owner may hand tables over
  const database = await admin.query('select 1 from pg_database where datname = $1', [name]);
  if (!database.rowCount) await admin.query(`create database ${name} owner ${owner}`);
  await admin.query(`alter database ${name} owner to ${owner}; revoke all on database ${name} from public`);
  await admin.query(`grant connect on database ${name} to ${name}`);
  await handOver(server.url(name), name);
};

// A database of an earlier time belongs to the role that works in it.
const handOver = async (url: string, name: string): Promise<void> => {
  const inside = new Client({ connectionString: url });
  await inside.connect();
  try {
    const early = await inside.query("select from pg_class where relname = 'migrations' and relowner = $1::regrole", [
      name,
    ]);
    if (early.rowCount) await inside.query(`reassign owned by ${name} to ${ownerOf(name)}`);
    await inside.query(`grant usage, create on schema public to ${name}`);
  } finally {
    await inside.end();
  }
};

/**
 * Makes, per name, a database that no other role may enter, a role to work in it and one that owns it (`ownerOf`), each with a
 * password of its own; what exists stays as it is. Answers the address of each, for the role that works in it. Names are lower-case SQL identifiers.
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
    for (const name of names) await ensure(admin, server, name);
  } finally {
    await admin.end();
  }
  const urls = names.map((name) => [name, server.url(name, name)] as const);
  return Object.fromEntries(urls) as Record<Name, string>;
};
