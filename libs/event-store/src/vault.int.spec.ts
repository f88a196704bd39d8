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
const reader = {
  actorId: 'coach-7',
  role: 'coach',
  clientId: 'desk',
  operation: 'ReadNotes',
  correlationId: 'trace-1',
};

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
    expect(await vault.read({ organisationId, vault: 'content', subject, reader })).toEqual(
      new Map([[note.place, note.text]]),
    );
    expect(await vault.read({ organisationId, vault: 'content', subject, below: ['elsewhere'], reader })).toEqual(
      new Map(),
    );
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

describe('GDPR-15: who read a sensitive text', () => {
  const reads = async (subject: string) => {
    const { rows } = await database.pool.query<object>(
      `select organisation_id, places, actor_id, actor_role, client_id, operation, correlation_id from text_reads
       where subject_id = $1 order by read_no`,
      [subject],
    );
    return rows;
  };

  it('is noted, with what was read, once per reading; what is open is not', async () => {
    const subject = randomUUID();
    const texts = ['note/b', 'note/a', 'other/c', 'goal/statement'].map((place) => ({
      ...noteOf(subject, 'said'),
      place,
    }));
    await write([nameOf(subject, 'Read By Many'), ...texts]);
    const reading = new Vault(database.pool, rootKey, /^goal\/statement$/);
    await reading.read({ organisationId, vault: 'person', subject });
    await reading.read({ organisationId, vault: 'content', subject, below: ['goal/'], reader });
    expect(await reads(subject)).toEqual([]);
    const found = await reading.read({ organisationId, vault: 'content', subject, below: ['note/', 'goal/'], reader });
    expect([...found.keys()].sort()).toEqual(['goal/statement', 'note/a', 'note/b']);
    const expected = {
      organisation_id: organisationId,
      places: ['note/a', 'note/b'],
      actor_id: 'coach-7',
      actor_role: 'coach',
      client_id: 'desk',
      operation: 'ReadNotes',
      correlation_id: 'trace-1',
    };
    expect(await reads(subject)).toEqual([expected]);
  });

  it('cannot be changed or taken away', async () => {
    await expect(database.pool.query('delete from text_reads')).rejects.toThrow('append-only');
    await expect(database.pool.query(`update text_reads set actor_id = 'nobody'`)).rejects.toThrow('append-only');
  });

  it('gives no text when it cannot be noted', async () => {
    const subject = randomUUID();
    await write([noteOf(subject, 'said')]);
    await database.pool.query('alter table text_reads add constraint full_disk check (false) not valid');
    try {
      const read = vault.read({ organisationId, vault: 'content', subject, reader });
      await expect(read).rejects.toMatchObject({ kind: 'unavailable', code: 'reading-not-recorded' });
    } finally {
      await database.pool.query('alter table text_reads drop constraint full_disk');
    }
  });
});

/** Resolves once somebody waits for an advisory lock of this database. */
const blocked = async (): Promise<void> => {
  const waiting = `select from pg_locks where locktype = 'advisory' and not granted
                   and database = (select oid from pg_database where datname = current_database())`;
  while ((await database.pool.query(waiting)).rowCount === 0);
};

describe('erasure', () => {
  it('GDPR-04: leaves nothing that an append under way had decided to write', async () => {
    const subject = randomUUID();
    await write([nameOf(subject, 'Known')]);
    const slow = await database.pool.connect();
    await slow.query('begin');
    await slow.query('select pg_advisory_xact_lock(7140002)');
    const erased = vault.erase(organisationId, subject);
    await Promise.race([erased, blocked()]);
    await slow.query(`insert into content_vault values ($1, $2, 'late', '\\x00')`, [organisationId, subject]);
    await slow.query('commit');
    slow.release();
    await erased;
    const { rowCount } = await database.pool.query('select from content_vault where subject_id = $1', [subject]);
    expect(rowCount).toBe(0);
  });

  it('destroys key and rows; events and proof stay; repeating it changes nothing', async () => {
    const subject = randomUUID();
    const committed = await write([nameOf(subject, 'Gone Tomorrow'), noteOf(subject, 'a note')]);
    await vault.erase(organisationId, subject);
    await vault.erase(organisationId, subject);
    expect(await vault.read({ organisationId, vault: 'person', subject })).toEqual(new Map());
    expect(await vault.read({ organisationId, vault: 'content', subject, reader })).toEqual(new Map());
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

  it('GDPR-04: is complete within five minutes even where a copy of the row and the key outlived it', async () => {
    const subject = randomUUID();
    await write([nameOf(subject, 'Held In Memory')]);
    const held = new Vault(database.pool, rootKey);
    const read = () => held.read({ organisationId, vault: 'person', subject });
    await read();
    const { rows } = await database.pool.query<{ sealed: Buffer }>(
      'select sealed from person_vault where subject_id = $1',
      [subject],
    );
    await vault.erase(organisationId, subject);
    expect(await read()).toEqual(new Map());
    await database.pool.query(`insert into person_vault values ($1, $2, 'name', $3)`, [
      organisationId,
      subject,
      rows[0]?.sealed,
    ]);
    expect((await read()).get('name')).toBe('Held In Memory');
    const later = performance.now() + 5 * 60_000;
    const clock = jest.spyOn(performance, 'now').mockReturnValue(later);
    expect(await read()).toEqual(new Map());
    clock.mockRestore();
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
