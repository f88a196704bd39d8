import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What billing looks for after each batch of facts is found by its goal, and what was revoked without looking at the rest. */
export class IndexWhatIsDue1795401000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create index lines_goal on lines (organisation_id, goal_id, outcome_no);
      create index attainments_revoked on attainments (organisation_id) where revoked_event_id is not null;`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop index attainments_revoked, lines_goal');
  }
}
