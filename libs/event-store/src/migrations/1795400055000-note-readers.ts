import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who read which sensitive texts, and by what (GDPR-15). Ids only; may be added to and never changed. */
export class NoteReaders1795400055000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table text_reads (
        read_no         bigint      generated always as identity primary key,
        organisation_id uuid        not null,
        subject_id      uuid        not null,
        places          text[]      not null,
        actor_id        text        not null,
        actor_role      text        not null,
        client_id       text        not null,
        operation       text        not null,
        correlation_id  text,
        read_at         timestamptz not null default clock_timestamp()
      )`);
    await db.query('create index text_reads_of on text_reads (organisation_id, subject_id, read_no)');
    await db.query(`
      create trigger text_reads_append_only before update or delete or truncate on text_reads
      for each statement execute function refuse_change()`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table text_reads');
  }
}
