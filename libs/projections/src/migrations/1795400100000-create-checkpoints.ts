import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far each read model has come. */
export class CreateCheckpoints1795400100000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table projection_checkpoints (
        projection text primary key,
        position   bigint not null default 0 check (position >= 0)
      )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table projection_checkpoints');
  }
}
