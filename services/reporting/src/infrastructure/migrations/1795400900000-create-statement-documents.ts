import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The bytes of issued statements: written once, never changed, never rebuilt (rules B4, P9). */
export class CreateStatementDocuments1795400900000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table statement_documents (
        organisation_id uuid  not null,
        period          text  not null,
        sha256          text  not null,
        bytes           bytea not null,
        primary key (organisation_id, period),
        check (sha256 = encode(sha256(bytes), 'hex'))
      );
      create trigger statement_documents_append_only before update or delete or truncate on statement_documents
        for each statement execute function refuse_change();`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table statement_documents');
  }
}
