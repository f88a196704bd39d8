import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A read table: may be dropped and rebuilt from the events. */
export class CreateLearnerCoaches1795401200000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table learner_coaches (
        organisation_id uuid    not null,
        person_id       uuid    not null,
        assignment_no   integer not null,
        coach_id        uuid    not null,
        until_on        date,
        primary key (organisation_id, person_id, assignment_no)
      );`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table learner_coaches');
  }
}
