import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A read table: may be dropped and rebuilt from the events. */
export class CreateGoalList1795400500000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table goal_list (
        organisation_id uuid    not null,
        goal_id         uuid    not null,
        person_id       uuid,
        team_id         uuid,
        status          text    not null check (status in ('proposed', 'agreed', 'overdue', 'attained', 'missed', 'withdrawn')),
        due_on          date    not null,
        clock_on        date,
        time_zone       text    not null,
        grace_days      integer not null,
        imported        boolean not null,
        version         integer not null,
        primary key (organisation_id, goal_id)
      );
      create index goal_list_clock on goal_list (clock_on) where clock_on is not null;`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table goal_list');
  }
}
