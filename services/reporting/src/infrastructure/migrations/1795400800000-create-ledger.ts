import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Read tables of reporting's own decisions: may be dropped and rebuilt from its events. */
export class CreateLedger1795400800000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table lines (
        organisation_id       uuid        not null,
        line_id               uuid        not null,
        kind                  text        not null check (kind in ('charge', 'reversal')),
        commitment_id         uuid        not null,
        goal_id               uuid        not null,
        outcome_no            integer     not null,
        amount_minor          bigint,
        currency              text        not null,
        vat_rate_basis_points integer,
        delivery_period       text        not null,
        period                text,
        reverses_line_id      uuid,
        lock_code             text,
        evidence_ids          text        not null,
        position              bigint      not null,
        locked_position       bigint,
        unlocked_position     bigint,
        reversed              boolean     not null,
        released              boolean     not null,
        recorded_at           timestamptz not null,
        primary key (organisation_id, line_id),
        -- A second, independent guard against billing an attainment, or taking it back, twice (rule B1).
        constraint lines_once unique (organisation_id, commitment_id, goal_id, outcome_no, kind),
        check (period is null or (amount_minor is not null and vat_rate_basis_points is not null))
      );
      create index lines_period on lines (organisation_id, period, position);
      create index lines_position on lines (organisation_id, position);
      create table statements (
        organisation_id uuid        not null,
        period          text        not null,
        closed_before   text,
        statement_no    integer     not null,
        inbox_position  bigint      not null,
        closed_at       timestamptz not null,
        position        bigint      not null,
        issued_at       timestamptz,
        sha256          text,
        primary key (organisation_id, period)
      );`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table statements, lines');
  }
}
