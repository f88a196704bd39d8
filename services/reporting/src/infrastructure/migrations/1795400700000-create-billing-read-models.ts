import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Read tables of what others told, for commitments and charges: may be dropped and rebuilt from the inbox. */
export class CreateBillingReadModels1795400700000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table commitments (
        organisation_id       uuid        not null,
        commitment_id         uuid        not null,
        name                  text        not null,
        promised              integer     not null,
        threshold             integer     not null,
        due_on                date        not null,
        price_minor           bigint,
        currency              text        not null,
        vat_rate_basis_points integer,
        agreed_on             date        not null,
        agreed_recorded_at    timestamptz not null,
        primary key (organisation_id, commitment_id)
      );
      create table commitment_goals (
        organisation_id uuid not null,
        commitment_id   uuid not null,
        goal_id         uuid not null,
        primary key (organisation_id, commitment_id, goal_id)
      );
      create index commitment_goals_goal on commitment_goals (organisation_id, goal_id);`);
    await db.query(VERIFICATION);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table coach_assignments, evidence, attainments, commitment_goals, commitments');
  }
}

const VERIFICATION = `
  create table attainments (
    organisation_id        uuid    not null,
    goal_id                uuid    not null,
    outcome_no             integer not null,
    effective_on           date    not null,
    event_id               uuid    not null,
    correlation_id         text    not null,
    evidence_ids           text    not null,
    revoked_event_id       uuid,
    revoked_correlation_id text,
    revoked_recorded_at    timestamptz,
    primary key (organisation_id, goal_id, outcome_no)
  );
  create table evidence (
    organisation_id uuid not null,
    goal_id         uuid not null,
    evidence_id     uuid not null,
    effective_on    date not null,
    accepted_by     text,
    primary key (organisation_id, goal_id, evidence_id)
  );
  create table coach_assignments (
    organisation_id uuid    not null,
    person_id       uuid    not null,
    assignment_no   integer not null,
    coach_id        uuid    not null,
    from_on         date    not null,
    until_on        date,
    primary key (organisation_id, person_id, assignment_no)
  );`;
