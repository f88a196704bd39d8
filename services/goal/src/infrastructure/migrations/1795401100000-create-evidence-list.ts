import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A read table, and the indexes by which the worklist finds what waits: may be dropped and rebuilt from the events. */
export class CreateEvidenceList1795401100000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table evidence_list (
        organisation_id uuid        not null,
        goal_id         uuid        not null,
        evidence_id     uuid        not null,
        kind            text        not null,
        status          text        not null check (status in ('submitted', 'referred', 'accepted', 'rejected', 'voided')),
        submitted_at    timestamptz not null,
        primary key (organisation_id, goal_id, evidence_id)
      );
      create index evidence_list_waiting on evidence_list (organisation_id, submitted_at)
        where status in ('submitted', 'referred');
      create index goal_list_overdue on goal_list (organisation_id, due_on) where status = 'overdue';`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table evidence_list; drop index goal_list_overdue');
  }
}
