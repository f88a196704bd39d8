import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A read table of erasures that were asked for: may be dropped and rebuilt from the events. */
export class CreateErasures1795401150000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table erasures (
        organisation_id uuid        not null,
        person_id       uuid        not null,
        requested_at    timestamptz not null,
        is_done         boolean     not null,
        primary key (organisation_id, person_id)
      );
      create index erasures_open on erasures (requested_at) where not is_done;`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table erasures');
  }
}
