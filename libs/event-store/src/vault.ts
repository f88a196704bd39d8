import { Coalescer, type Database, inTransaction } from '@oppi/database';
import { DomainError } from '@oppi/event-sourcing';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { holdAppends } from './append-lock';

/**
 * Where a text lies. The person vault holds what changes (names, e-mails), the content vault what was once said
 * (statements, comments). `place` is unique per subject, such as `goal-<id>/statement`.
 */
export type Place = Readonly<{ vault: 'person' | 'content'; subject: string; place: string }>;
export type Text = Place & Readonly<{ text: string }>;
export type SealedText = Place & Readonly<{ sealed: Buffer }>;

/** Who reads, and by which operation. Ids only. */
export type Reader = Readonly<{
  actorId: string;
  role: string;
  clientId: string;
  operation: string;
  /** The trace in which it was asked. */
  correlationId?: string | undefined;
}>;

/** What is read: all texts of a subject, or those whose place begins with one of these. Content is read by somebody. */
export type Reading = Readonly<{ organisationId: string; subject: string; below?: readonly string[] }> &
  (Readonly<{ vault: 'person' }> | Readonly<{ vault: 'content'; reader: Reader }>);

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Plain keys stay in memory this long at most, so a key destroyed elsewhere dies here too (GDPR-04). */
const KEY_LIFE_MS = 5 * 60_000;
const KEYS_IN_MEMORY = 20_000;

/** AES-256-GCM, bound to its place by the additional data: moved elsewhere it does not open. Layout: iv, tag, ciphertext. */
export const seal = (key: Buffer, boundTo: string, plain: Buffer): Buffer => {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(boundTo));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]);
};

/** Opens what `seal` made; throws when the key or the place is another, or a byte was changed. */
export const unseal = (key: Buffer, boundTo: string, sealed: Buffer): Buffer => {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES)).setAAD(Buffer.from(boundTo));
  decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
};

type SealedRow = { place: string; sealed: Buffer };

const NOTED_READ = `
  with found as (
    select place, sealed from content_vault
    where organisation_id = $1 and subject_id = $2 and place ^@ any ($3::text[])
  ), noted as (
    insert into text_reads (organisation_id, subject_id, places, actor_id, actor_role, client_id, operation, correlation_id)
    select $1, $2, array_agg(place order by place), $5, $6, $7, $8, $9 from found where place !~ $4 having count(*) > 0
  )
  select place, sealed from found`;

type Subject = { organisationId: string; subject: string };
type KeyRow = { organisation_id: string; subject_id: string; wrapped_key: Buffer | null };

/**
 * Personal data and free text, each person's under a key of its own, wrapped by the root key. Destroying the key makes
 * every copy of the ciphertext unreadable, wherever it lies; events only ever hold ids.
 */
export class Vault {
  private readonly keys = new Map<string, { key: Buffer | undefined; until: number }>();
  private readonly lookUp: Coalescer<Subject & { make: boolean }, Buffer | undefined>;

  /**
   * `openPlaces`: where contents lie that are not sensitive, such as what a goal says. Reading any other content leaves a
   * note of who read it (GDPR-15).
   */
  constructor(
    private readonly database: Database,
    private readonly rootKey: Buffer,
    private readonly openPlaces = /^$/,
  ) {
    if (rootKey.length !== KEY_BYTES) throw new Error('The root key must be 32 bytes.');
    this.lookUp = new Coalescer({ run: (subjects) => this.readKeys(subjects), most: 500, concurrency: 2 });
  }

  /** Seals texts for an append. A subject without a key gets one; one whose key was destroyed gets its texts dropped. */
  async seal(organisationId: string, texts: readonly Text[]): Promise<SealedText[]> {
    const sealed = await Promise.all(
      texts.map(async ({ text, ...place }) => {
        const key = await this.keyOf({ organisationId, subject: place.subject, make: true });
        return key && { ...place, sealed: seal(key, boundTo(organisationId, place), Buffer.from(text, 'utf8')) };
      }),
    );
    return sealed.filter((text) => text !== undefined);
  }

  /**
   * A subject's texts by `place`; absent when never written or erased. Throws `unavailable` / `reading-not-recorded`, and
   * gives nothing, when it cannot be written down who read.
   */
  async read(reading: Reading): Promise<Map<string, string>> {
    const { organisationId, vault, subject } = reading;
    const texts = new Map<string, string>();
    const key = await this.keyOf({ organisationId, subject, make: false });
    if (!key) return texts;
    const rows = await (reading.vault === 'content' ? this.readContent(reading) : this.readPerson(reading));
    for (const { place, sealed } of rows)
      texts.set(place, unseal(key, boundTo(organisationId, { vault, subject, place }), sealed).toString('utf8'));
    return texts;
  }

  /** Destroys a subject's key, then its rows, in one transaction. May be repeated; cannot be undone. */
  async erase(organisationId: string, subject: string): Promise<void> {
    const whom = [organisationId, subject];
    await inTransaction(this.database, async (session) => {
      // No append is under way: one that had seen the key alive would leave a row behind.
      await holdAppends(session);
      await session.query(
        `insert into subject_keys (organisation_id, subject_id, wrapped_key, destroyed_at) values ($1, $2, null, now())
         on conflict (organisation_id, subject_id) do update
         set wrapped_key = null, destroyed_at = coalesce(subject_keys.destroyed_at, now())`,
        whom,
      );
      await session.query('delete from person_vault where organisation_id = $1 and subject_id = $2', whom);
      await session.query('delete from content_vault where organisation_id = $1 and subject_id = $2', whom);
    });
    this.keys.delete(cacheKey(organisationId, subject));
  }

  private async readPerson({ organisationId, subject, below = [''] }: Reading): Promise<SealedRow[]> {
    const { rows } = await this.database.query<SealedRow>(
      `select place, sealed from person_vault where organisation_id = $1 and subject_id = $2 and place ^@ any ($3::text[])`,
      [organisationId, subject, below],
    );
    return rows;
  }

  // One statement: whoever gets a sensitive text has been noted, and a note that fails gives no text.
  private async readContent(reading: Reading & { vault: 'content' }): Promise<SealedRow[]> {
    const { organisationId, subject, below = [''], reader } = reading;
    const { actorId, role, clientId, operation, correlationId = null } = reader;
    const about = [organisationId, subject, below, this.openPlaces.source];
    const noting = this.database.query<SealedRow>(NOTED_READ, [
      ...about,
      actorId,
      role,
      clientId,
      operation,
      correlationId,
    ]);
    const { rows } = await noting.catch((error: unknown) => {
      const message = 'Texts cannot be read now, because it cannot be recorded who reads them.';
      throw Object.assign(new DomainError('unavailable', 'reading-not-recorded', message), { cause: error });
    });
    return rows;
  }

  private async keyOf(whose: Subject & { make: boolean }): Promise<Buffer | undefined> {
    const known = this.keys.get(cacheKey(whose.organisationId, whose.subject));
    if (known && known.until > performance.now() && (known.key || !whose.make)) return known.key;
    return this.lookUp.submit(whose);
  }

  private async readKeys(subjects: (Subject & { make: boolean })[]): Promise<(Buffer | undefined)[]> {
    await this.makeMissing(subjects.filter((subject) => subject.make));
    const { rows } = await this.database.query<KeyRow>(
      `select organisation_id, subject_id, wrapped_key from unnest($1::uuid[], $2::uuid[]) as s(organisation_id, subject_id)
       join subject_keys using (organisation_id, subject_id)`,
      [subjects.map((subject) => subject.organisationId), subjects.map((subject) => subject.subject)],
    );
    const found = new Map(rows.map((row) => [cacheKey(row.organisation_id, row.subject_id), row.wrapped_key]));
    return subjects.map(({ organisationId, subject }) => {
      const id = cacheKey(organisationId, subject);
      const wrapped = found.get(id);
      const key = wrapped ? unseal(this.rootKey, id, wrapped) : undefined;
      this.remember(id, key);
      return key;
    });
  }

  private async makeMissing(subjects: Subject[]): Promise<void> {
    if (subjects.length === 0) return;
    await this.database.query(
      `insert into subject_keys (organisation_id, subject_id, wrapped_key)
       select * from unnest($1::uuid[], $2::uuid[], $3::bytea[]) order by 1, 2
       on conflict (organisation_id, subject_id) do nothing`,
      [
        subjects.map((subject) => subject.organisationId),
        subjects.map((subject) => subject.subject),
        subjects.map(({ organisationId, subject }) =>
          seal(this.rootKey, cacheKey(organisationId, subject), randomBytes(KEY_BYTES)),
        ),
      ],
    );
  }

  private remember(id: string, key: Buffer | undefined): void {
    const [oldest] = this.keys.size >= KEYS_IN_MEMORY ? this.keys.keys() : [];
    if (oldest !== undefined) this.keys.delete(oldest);
    this.keys.set(id, { key, until: performance.now() + KEY_LIFE_MS });
  }
}

const cacheKey = (organisationId: string, subject: string): string => `${organisationId}/${subject}`;
const boundTo = (organisationId: string, { vault, subject, place }: Place): string =>
  `${organisationId}/${subject}/${vault}/${place}`;
