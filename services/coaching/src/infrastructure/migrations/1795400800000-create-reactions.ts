import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far reactions and the clock came. Losing a row only repeats commands, which their keys answer the same. */
export class CreateReactions1795400800000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table reaction_checkpoints (
        consumer text   primary key,
        position bigint not null
      );
      create table stall_looks (
        organisation_id uuid    not null,
        goal_id         uuid    not null,
        moved_on        date    not null,
        looks           integer not null,
        primary key (organisation_id, goal_id)
      );`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table stall_looks, reaction_checkpoints');
  }
}
