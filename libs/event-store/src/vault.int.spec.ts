import { freshDatabase, type FreshDatabase } from '@oppi/testing';
import { randomBytes, randomUUID } from 'node:crypto';
import { EventStore, streamOf, Vault, eventStoreMigrations, type Text } from './index';
import { aCommand, count, counter } from './testing/counter.fixtures';
import { seal, unseal } from './vault';

let database: FreshDatabase;
let vault: Vault;
let store: EventStore;
const rootKey = randomBytes(32);
const { organisationId } = aCommand();

beforeAll(async () => {
  database = await freshDatabase(eventStoreMigrations);
  vault = new Vault(database.pool, rootKey);
  store = new EventStore(database.pool, vault);
});
afterAll(() => database.drop());

const write = (texts: Text[], context = aCommand()) =>
  store.transact(
    context,
    { counter: streamOf(counter, `counter-${randomUUID()}`) },
    () => ({ counter: count(0) }),
    () => texts,
  );
const nameOf = (subject: string, text: string): Text => ({ vault: 'person', subject, place: 'name', text });
const noteOf = (subject: string, text: string): Text => ({
  vault: 'content',
  subject,
  place: `note-${randomUUID()}`,
  text,
});

/** Every byte of every table, to search for what must not be there. */
const everything = async (): Promise<string> => {
  const dumps = await Promise.all(
    ['events', 'commands', 'subject_keys', 'person_vault', 'content_vault'].map(
      async (table) =>
        (await database.pool.query<{ dump: string }>(`select string_agg(t::text, '') as dump from ${table} t`)).rows[0]
          ?.dump,
    ),
  );
  return dumps.join();
};

describe('the vaults', () => {
  it('keep texts with the command, readable by place, never in the clear', async () => {
    const subject = randomUUID();
    const note = noteOf(subject, 'Zzyzx finds the course too long');
    await write([nameOf(subject, 'Zzyzx Qwertyson'), note]);
    expect(await vault.read({ organisationId, vault: 'person', subject })).toEqual(
      new Map([['name', 'Zzyzx Qwertyson']]),
    );
    expect(await vault.read({ organisationId, vault: 'content', subject })).toEqual(new Map([[note.place, note.text]]));
    expect(await vault.read({ organisationId, vault: 'content', subject, below: 'elsewhere' })).toEqual(new Map());
    expect(await everything()).not.toMatch(/Zzyzx|Qwertyson/);
    expect(await everything()).not.toContain(Buffer.from('Zzyzx').toString('hex'));
  });

  it('change a name but never a content once said', async () => {
    const subject = randomUUID();
    await write([nameOf(subject, 'Before')]);
    await write([nameOf(subject, 'After')]);
    expect((await vault.read({ organisationId, vault: 'person', subject })).get('name')).toBe('After');
    const note = noteOf(subject, 'said');
    await write([note]);
    await expect(write([{ ...note, text: 'unsaid' }])).rejects.toThrow();
  });

  it('keep nothing of a command that was not appended', async () => {
    const subject = randomUUID();
    const refused = store.transact(
      aCommand({ expectedVersion: 7 }),
      { counter: streamOf(counter, 'counter-none') },
      () => ({ counter: count(0) }),
      () => [nameOf(subject, 'Nobody')],
    );
    await expect(refused).rejects.toMatchObject({ code: 'version-stale' });
    expect(await vault.read({ organisationId, vault: 'person', subject })).toEqual(new Map());
  });

  it('GDPR-03: do not open with another key, at another place, or changed', () => {
    const key = randomBytes(32);
    const sealed = seal(key, 'here', Buffer.from('secret'));
    expect(unseal(key, 'here', sealed).toString()).toBe('secret');
    expect(() => unseal(randomBytes(32), 'here', sealed)).toThrow();
    expect(() => unseal(key, 'there', sealed)).toThrow();
    sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
    expect(() => unseal(key, 'here', sealed)).toThrow();
  });

  it('refuse to open a row that was moved to another person', async () => {
    const [owner, thief] = [randomUUID(), randomUUID()];
    await write([nameOf(owner, 'Owner'), nameOf(thief, 'Thief')]);
    await database.pool.query(
      `update person_vault set sealed = (select sealed from person_vault where subject_id = $1) where subject_id = $2`,
      [owner, thief],
    );
    await expect(vault.read({ organisationId, vault: 'person', subject: thief })).rejects.toThrow();
  });
});

describe('erasure', () => {
  it('destroys key and rows; events and proof stay; repeating it changes nothing', async () => {
    const subject = randomUUID();
    const committed = await write([nameOf(subject, 'Gone Tomorrow'), noteOf(subject, 'a note')]);
    await vault.erase(organisationId, subject);
    await vault.erase(organisationId, subject);
    expect(await vault.read({ organisationId, vault: 'person', subject })).toEqual(new Map());
    expect(await vault.read({ organisationId, vault: 'content', subject })).toEqual(new Map());
    const left = await database.pool.query('select wrapped_key from subject_keys where subject_id = $1', [subject]);
    expect(left.rows).toEqual([{ wrapped_key: null }]);
    const events = await store.readAfter(BigInt(committed.position) - 1n, 1);
    expect(events[0]?.position.toString()).toBe(committed.position);
  });

  it('lets nothing be written for the erased afterwards, also by a process that still holds the key', async () => {
    const subject = randomUUID();
    await write([nameOf(subject, 'Held In Memory')]);
    await new Vault(database.pool, rootKey).erase(organisationId, subject);
    await write([nameOf(subject, 'Came Back')]);
    const rows = await database.pool.query('select from person_vault where subject_id = $1', [subject]);
    expect(rows.rowCount).toBe(0);
    expect(await new Vault(database.pool, rootKey).read({ organisationId, vault: 'person', subject })).toEqual(
      new Map(),
    );
  });

  it('reaches a person whose key was never made', async () => {
    const subject = randomUUID();
    await vault.erase(organisationId, subject);
    await write([nameOf(subject, 'Too Late')]);
    expect(await vault.read({ organisationId, vault: 'person', subject })).toEqual(new Map());
  });

  it('erases one person, not the others, nor the same id at another organisation', async () => {
    const [subject, other] = [randomUUID(), randomUUID()];
    const elsewhere = aCommand({ organisationId: '0a000000-0000-4000-8000-000000000009' });
    await write([nameOf(subject, 'Here'), nameOf(other, 'Other')]);
    await write([nameOf(subject, 'There')], elsewhere);
    await vault.erase(organisationId, subject);
    expect((await vault.read({ organisationId, vault: 'person', subject: other })).get('name')).toBe('Other');
    expect((await vault.read({ organisationId: elsewhere.organisationId, vault: 'person', subject })).get('name')).toBe(
      'There',
    );
  });
});
