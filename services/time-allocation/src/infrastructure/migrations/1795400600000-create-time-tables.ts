import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Read tables: may be dropped and rebuilt from the events. */
export class CreateTimeTables1795400600000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table time_entries (
        organisation_id uuid    not null,
        person_id       uuid    not null,
        logged_on       date    not null,
        entry_id        uuid    not null,
        goal_id         uuid    not null,
        minutes         integer not null check (minutes between 1 and 1440),
        status          text    not null check (status in ('pending', 'confirmed', 'rejected')),
        primary key (organisation_id, person_id, logged_on, entry_id)
      );
      create table time_shortfalls (
        organisation_id  uuid    not null,
        goal_id          uuid    not null,
        person_id        uuid    not null,
        needed_minutes   integer not null,
        given_minutes    integer not null,
        promised_minutes integer not null,
        due_on           date    not null,
        found_on         date    not null,
        open             boolean not null,
        primary key (organisation_id, goal_id)
      );
      create index time_shortfalls_open on time_shortfalls (organisation_id, due_on, goal_id) where open;`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table time_shortfalls, time_entries');
  }
}
