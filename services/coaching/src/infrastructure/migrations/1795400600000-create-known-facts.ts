import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What coaching heard from other services: may be dropped and rebuilt from the inbox. */
export class CreateKnownFacts1795400600000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table known_organisations (
        organisation_id uuid primary key,
        time_zone       text not null
      );
      create table known_persons (
        organisation_id uuid not null,
        person_id       uuid not null,
        added_at        timestamptz not null,
        primary key (organisation_id, person_id)
      );
      create table followed_goals (
        organisation_id uuid    not null,
        goal_id         uuid    not null,
        person_id       uuid,
        status          text    not null check (status in ('proposed', 'open', 'ended')),
        moved_on        date,
        imported        boolean not null,
        primary key (organisation_id, goal_id)
      );
      create index followed_goals_moved on followed_goals (moved_on)
        where status = 'open' and not imported and person_id is not null;`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table followed_goals, known_persons, known_organisations');
  }
}
