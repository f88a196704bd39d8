import { Client } from 'pg';
import { migrate, type Migration } from './migrate';

/** Where a service's database is, for the role it works as and, apart from it, for the role that owns the schema. */
export type Addresses = Readonly<{
  APP_ENV: string;
  POSTGRES_URL: string;
  /** Absent in development alone: then one role does both. */
  POSTGRES_OWNER_URL?: string | undefined;
}>;

/** The role a service works as could do what it must not. A fault of the deployment: the process exits with 78. */
export class UnsafeRoleError extends Error {
  readonly exitCode = 78; // EX_CONFIG of sysexits.h
}

/**
 * Brings the schema up to date as its owner, gives the working role what it needs and no more, and makes sure of it. Throws
 * `UnsafeRoleError` when that role is the owner, a superuser, or could change what was once written.
 */
export const prepareDatabase = async (at: Addresses, migrations: readonly Migration[]): Promise<void> => {
  const { APP_ENV, POSTGRES_URL, POSTGRES_OWNER_URL } = at;
  if (POSTGRES_OWNER_URL === undefined) {
    if (APP_ENV !== 'local' && APP_ENV !== 'test')
      throw new UnsafeRoleError('POSTGRES_OWNER_URL is missing: a service must not work as the owner of its schema.');
    return migrate(POSTGRES_URL, migrations);
  }
  await migrate(POSTGRES_OWNER_URL, migrations);
  const role = decodeURIComponent(new URL(POSTGRES_URL).username);
  await as(POSTGRES_OWNER_URL, (owner) => grantTo(role, owner));
  await as(POSTGRES_URL, requireHarmless);
};

const as = async <T>(url: string, work: (session: Client) => Promise<T>): Promise<T> => {
  const session = new Client({ connectionString: url });
  await session.connect();
  try {
    return await work(session);
  } finally {
    await session.end();
  }
};

// Two processes that start together must not grant at once: PostgreSQL refuses concurrent updates of one table's rights.
const GRANT_LOCK = 7_140_004;

// What the trigger of the event store protects is append-only for the working role too: two walls, one behind the other.
const TABLES = `
  select quote_ident(c.relname) as name, c.relname = 'migrations' as history, pg_get_userbyid(c.relowner) = current_user as own,
         exists (select from pg_trigger t join pg_proc p on p.oid = t.tgfoid
                 where t.tgrelid = c.oid and p.proname = 'refuse_change') as appended
  from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'`;

type Table = { name: string; history: boolean; own: boolean; appended: boolean };

const rightsOn = (role: string, { name, history, own, appended }: Table): string[] => {
  if (history) return [`grant select on ${name} to ${role}`];
  if (appended) return [`revoke all on ${name} from ${role}`, `grant select, insert on ${name} to ${role}`];
  // The rest is the service's own business: a rebuild makes its tables anew.
  return own ? [`alter table ${name} owner to ${role}`] : [];
};

/** Gives the working role its rights, in the owner's session. The owner has to be a member of that role. May be repeated. */
export const grantTo = async (roleName: string, owner: Pick<Client, 'query'>): Promise<void> => {
  const quoted = await owner.query<{ role: string }>('select quote_ident($1) as role', [roleName]);
  const role = quoted.rows[0]?.role ?? '';
  await owner.query('select pg_advisory_lock($1)', [GRANT_LOCK]);
  try {
    const { rows } = await owner.query<Table>(TABLES);
    const statements = [
      `grant usage, create on schema public to ${role}`,
      ...rows.flatMap((row) => rightsOn(role, row)),
    ];
    await owner.query(statements.join('; '));
  } finally {
    await owner.query('select pg_advisory_unlock($1)', [GRANT_LOCK]);
  }
};

const FAULTS = `
  select 'is a superuser or passes row-level security' as fault from pg_roles
  where rolname = current_user and (rolsuper or rolbypassrls)
  union all
  select 'may change ' || c.relname from pg_class c join pg_trigger t on t.tgrelid = c.oid join pg_proc p on p.oid = t.tgfoid
  where p.proname = 'refuse_change' and c.relkind = 'r'
    and (pg_has_role(c.relowner, 'member') or has_table_privilege(c.oid, 'update, delete, truncate'))`;

const requireHarmless = async (session: Client): Promise<void> => {
  const { rows } = await session.query<{ fault: string }>(FAULTS);
  if (rows.length > 0)
    throw new UnsafeRoleError(`The role of POSTGRES_URL ${[...new Set(rows.map(({ fault }) => fault))].join(', ')}.`);
};
