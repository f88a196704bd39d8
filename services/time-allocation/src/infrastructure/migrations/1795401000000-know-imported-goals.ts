import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which goals are history. The table is made from the inbox, so it is emptied and folded again from the start. */
export class KnowImportedGoals1795401000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      truncate goals;
      alter table goals add column imported boolean not null;
      delete from projection_checkpoints where projection = 'goals';`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('alter table goals drop column imported');
  }
}
