import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DATABASE, type Database } from '@oppi/database';

export type StoredDocument = Readonly<{ sha256: string; bytes: Buffer }>;

/** The bytes of statements: kept beside the events because of their size, and as unchangeable. */
@Injectable()
export class StatementDocuments {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /** Keeps the bytes of a closed month; the first ones that came stay, and are answered. */
  async keep(organisationId: string, period: string, bytes: Buffer): Promise<StoredDocument> {
    await this.database.query(
      `insert into statement_documents (organisation_id, period, sha256, bytes) values ($1, $2, $3, $4)
       on conflict (organisation_id, period) do nothing`,
      [organisationId, period, hash('sha256', bytes), bytes],
    );
    const kept = await this.database.query<StoredDocument>(
      'select sha256, bytes from statement_documents where organisation_id = $1 and period = $2',
      [organisationId, period],
    );
    return kept.rows[0] as StoredDocument;
  }

  /** A part of an issued statement, with the size of the whole. Kept but not issued yet, it is not there. */
  async part(
    organisationId: string,
    period: string,
    { from, bytes }: { from: number; bytes: number },
  ): Promise<(StoredDocument & { size: number }) | undefined> {
    const { rows } = await this.database.query<StoredDocument & { size: number }>(
      `select d.sha256, substring(d.bytes from $3::integer + 1 for $4::integer) as bytes, length(d.bytes) as size
       from statement_documents d join statements s using (organisation_id, period)
       where organisation_id = $1 and period = $2 and s.sha256 is not null`,
      [organisationId, period, from, bytes],
    );
    return rows[0];
  }
}
