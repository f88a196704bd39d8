import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How far reactions came. Losing a row only repeats commands, which their keys answer the same. One service had the table
 * before it became everybody's, hence `if not exists`.
 */
export class CreateReactionCheckpoints1795400900000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table if not exists reaction_checkpoints (
        consumer text   primary key,
        position bigint not null
      )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table if exists reaction_checkpoints');
  }
}
