import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Messages that could not be taken in, and those that wait behind one. */
export class CreateParkedMessages1795400400000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table parked_messages (
        id              bigint generated always as identity primary key,
        bus             text collate "C" not null,
        topic           text collate "C" not null,
        partition       integer not null,
        "offset"        bigint not null,
        organisation_id uuid,
        subject         text collate "C",
        type            text collate "C",
        reason          text not null,
        key             text not null,
        headers         json not null,
        value           bytea not null,
        parked_at       timestamptz not null default now(),
        unique (bus, topic, partition, "offset")
      )`);
    await db.query('create index parked_messages_place on parked_messages (organisation_id, subject)');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table parked_messages');
  }
}
