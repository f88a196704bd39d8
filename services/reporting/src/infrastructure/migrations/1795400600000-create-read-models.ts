import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Read tables: may be dropped and rebuilt from the inbox. */
export class CreateReadModels1795400600000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table organisations (
        organisation_id uuid primary key,
        time_zone       text not null,
        currency        text not null
      );
      create table teams (
        organisation_id uuid not null,
        team_id         uuid not null,
        name            text not null,
        parent_team_id  uuid,
        primary key (organisation_id, team_id)
      );
      create table memberships (
        organisation_id   uuid    not null,
        person_id         uuid    not null,
        membership_no     integer not null,
        team_id           uuid    not null,
        from_on           date,
        join_recorded_at  timestamptz not null,
        until_on          date,
        leave_recorded_at timestamptz,
        primary key (organisation_id, person_id, membership_no)
      );
      create table goals (
        organisation_id    uuid not null,
        goal_id            uuid not null,
        person_id          uuid,
        team_id            uuid,
        due_on             date not null,
        agreed_on          date,
        agreed_recorded_at timestamptz,
        primary key (organisation_id, goal_id)
      );
      create index goals_person on goals (organisation_id, person_id);
      create table goal_outcomes (
        organisation_id     uuid        not null,
        goal_id             uuid        not null,
        outcome_no          integer     not null,
        outcome             text        not null check (outcome in ('attained', 'missed', 'withdrawn', 'overdue')),
        effective_on        date        not null,
        recorded_at         timestamptz not null,
        revoked_on          date,
        revoked_recorded_at timestamptz,
        primary key (organisation_id, goal_id, outcome_no)
      );`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table goal_outcomes, goals, memberships, teams, organisations');
  }
}
