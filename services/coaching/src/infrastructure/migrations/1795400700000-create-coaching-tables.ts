import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Read tables: may be dropped and rebuilt, from the events. */
export class CreateCoachingTables1795400700000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table learners (
        organisation_id uuid not null,
        person_id       uuid not null,
        coach_id        uuid,
        primary key (organisation_id, person_id)
      );
      create table check_ins (
        organisation_id uuid    not null,
        person_id       uuid    not null,
        check_in_id     uuid    not null,
        held_on         date    not null,
        skipped         boolean not null,
        primary key (organisation_id, person_id, check_in_id)
      );
      create table concerns (
        organisation_id uuid        not null,
        person_id       uuid        not null,
        concern_id      uuid        not null,
        kind            text        not null check (kind in ('direction', 'motivation', 'time', 'stalled', 'time-shortfall')),
        goal_id         uuid,
        owner_id        uuid,
        due_at          timestamptz not null,
        raised_at       timestamptz not null,
        outcome         text,
        closed_at       timestamptz,
        primary key (organisation_id, person_id, concern_id)
      );
      create index concerns_open on concerns (organisation_id, due_at) where outcome is null;`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table concerns, check_ins, learners');
  }
}
