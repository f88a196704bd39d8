import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What goal has told: may be dropped and rebuilt from the inbox. */
export class CreateKnownFacts1795400500000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table organisations (
        organisation_id uuid primary key,
        time_zone       text not null
      );
      create table persons (
        organisation_id uuid    not null,
        person_id       uuid    not null,
        erased          boolean not null,
        primary key (organisation_id, person_id)
      );
      create table goals (
        organisation_id uuid    not null,
        goal_id         uuid    not null,
        person_id       uuid,
        due_on          date    not null,
        ended           boolean not null,
        primary key (organisation_id, goal_id)
      );
      create index goals_ended on goals (organisation_id, person_id) where ended;`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table goals, persons, organisations');
  }
}
