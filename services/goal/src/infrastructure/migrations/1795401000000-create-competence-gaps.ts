import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Read tables: the gaps of an organisation, and which of its goals closes which. */
export class CreateCompetenceGaps1795401000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table competence_gaps (
        organisation_id uuid    not null,
        gap_id          uuid    not null,
        competence      text    not null,
        team_id         uuid,
        current_level   integer,
        target_level    integer not null,
        route           text    not null check (route in ('build', 'buy', 'borrow', 'bot', 'accept')),
        core            boolean not null,
        primary key (organisation_id, gap_id)
      );
      alter table goal_list add column gap_id uuid;
      create index goal_list_gap on goal_list (organisation_id, gap_id) where gap_id is not null;`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('alter table goal_list drop column gap_id; drop table competence_gaps');
  }
}
