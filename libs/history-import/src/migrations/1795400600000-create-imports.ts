import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far each bulk import came, and what it refused, so that a broken one goes on where it was. */
export class CreateImports1795400600000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table imports (
        organisation_id uuid   not null,
        import_id       text   not null,
        next_index      bigint not null default 0,
        accepted        bigint not null default 0,
        replayed        bigint not null default 0,
        refused         bigint not null default 0,
        primary key (organisation_id, import_id)
      );
      create table import_refusals (
        organisation_id uuid   not null,
        import_id       text   not null,
        item_index      bigint not null,
        code            text   not null,
        message         text   not null,
        primary key (organisation_id, import_id, item_index)
      );`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table import_refusals, imports');
  }
}
