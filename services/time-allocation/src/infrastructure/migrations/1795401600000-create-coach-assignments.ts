import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who coaches whom, as coaching tells it: may be dropped and rebuilt from the inbox. */
export class CreateCoachAssignments1795401600000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table coach_assignments (
        organisation_id uuid    not null,
        person_id       uuid    not null,
        assignment_no   integer not null,
        coach_id        uuid    not null,
        from_on         date    not null,
        until_on        date,
        primary key (organisation_id, person_id, assignment_no)
      );`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table coach_assignments');
  }
}
