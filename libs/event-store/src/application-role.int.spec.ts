import { type Database, openPool, prepareDatabase, UnsafeRoleError } from '@oppi/database';
import { freshDatabase, type FreshDatabase } from '@oppi/testing';
import { randomBytes, randomUUID } from 'node:crypto';
import { EventStore, eventStoreMigrations, streamOf, Vault } from './index';
import { aCommand, count, counter } from './testing/counter.fixtures';

let database: FreshDatabase;
let application: Database;

const loud = (error: Error): void => {
  throw error;
};

beforeAll(async () => {
  database = await freshDatabase(eventStoreMigrations);
  application = openPool(database.applicationUrl, loud);
});
afterAll(async () => {
  await application.end();
  await database.drop();
});

const at = (APP_ENV: string, POSTGRES_URL: string, POSTGRES_OWNER_URL?: string) => ({
  APP_ENV,
  POSTGRES_URL,
  ...(POSTGRES_OWNER_URL === undefined ? {} : { POSTGRES_OWNER_URL }),
});

describe('TEN-01: the role that a service works as', () => {
  it('appends, reads, keeps texts and erases', async () => {
    const vault = new Vault(application, randomBytes(32));
    const store = new EventStore(application, vault);
    const { organisationId } = aCommand();
    const subject = randomUUID();
    const text = { vault: 'person', subject, place: 'name', text: 'Zzyzx' } as const;
    await store.transact(
      aCommand(),
      { counter: streamOf(counter, 'counter-role') },
      ({ counter: state }) => ({ counter: count(state) }),
      () => [text],
    );
    expect((await vault.read({ organisationId, vault: 'person', subject })).get('name')).toBe('Zzyzx');
    await vault.erase(organisationId, subject);
    expect((await vault.read({ organisationId, vault: 'person', subject })).size).toBe(0);
    expect(await store.readAfter(0n, 10)).toHaveLength(1);
  });

  it.each([
    'update events set type = type',
    'delete from events',
    'truncate events',
    'update commands set version = 1',
    'delete from commands',
    'alter table events disable trigger events_append_only',
    'drop trigger events_append_only on events',
    'drop table events cascade',
    'alter table events add column more text',
    `create or replace function refuse_change() returns trigger language plpgsql as 'begin return old; end'`,
    'drop function refuse_change() cascade',
    'delete from migrations',
    'set session_replication_role = replica',
    'create role another',
  ])('cannot: %s', async (statement) => {
    await expect(application.query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  it('sees no function that runs with its owner’s rights, and no view (TEN-03, TEN-08)', async () => {
    const { rows } = await database.pool.query(
      `select proname as name from pg_proc where pronamespace = 'public'::regnamespace and prosecdef
       union all select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')`,
    );
    expect(rows).toEqual([]);
  });
});

describe('TEN-01: a service', () => {
  it('starts on the two roles, also again and at once', async () => {
    const good = at('production', database.applicationUrl, database.url);
    await Promise.all([1, 2, 3].map(() => prepareDatabase(good, eventStoreMigrations)));
    await expect(prepareDatabase(good, eventStoreMigrations)).resolves.toBeUndefined();
  });

  it('does not start as the owner of its schema, nor without an owner where it counts', async () => {
    const asOwner = prepareDatabase(at('local', database.url, database.url), eventStoreMigrations);
    await expect(asOwner).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringContaining('may change') as string,
    });
    for (const environment of ['staging', 'production'])
      await expect(prepareDatabase(at(environment, database.applicationUrl), [])).rejects.toThrow(UnsafeRoleError);
  });

  it('needs one role only on a developer’s machine', async () => {
    await expect(prepareDatabase(at('test', database.url), eventStoreMigrations)).resolves.toBeUndefined();
  });
});
