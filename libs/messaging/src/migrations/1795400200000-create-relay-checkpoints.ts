import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far a service has published its events, to which log, and which process leads. */
export class CreateRelayCheckpoints1795400200000 implements MigrationInterface {
  up(db: QueryRunner): Promise<unknown> {
    return db.query(`
      create table relay_checkpoints (
        source      text collate "C" not null,
        bus         text collate "C" not null,
        position    bigint not null default 0,
        owner       uuid,
        epoch       bigint not null default 0,
        lease_until timestamptz,
        updated_at  timestamptz not null default now(),
        primary key (source, bus)
      ) with (fillfactor = 50)`);
  }

  down(db: QueryRunner): Promise<unknown> {
    return db.query('drop table relay_checkpoints');
  }
}
