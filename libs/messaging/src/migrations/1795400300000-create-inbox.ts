import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a service has heard from others, in one local order, and what it could not read. */
export class CreateInbox1795400300000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table inbox (
        position        bigint generated always as identity primary key,
        organisation_id uuid not null,
        source          text collate "C" not null,
        source_position bigint not null,
        source_index    integer not null,
        event_id        uuid not null,
        type            text collate "C" not null,
        subject         text collate "C" not null,
        stream_version  integer not null,
        actor_id        text not null,
        actor_role      text not null,
        occurred_at     timestamptz not null,
        recorded_at     timestamptz not null,
        correlation_id  text not null,
        traceparent     text,
        value           bytea not null
      )`);
    // Two jobs: finds the events of a subject, and is the second, independent guard against taking one in twice.
    await db.query(`
      create unique index inbox_once on inbox (organisation_id, subject, source_position, source_index, source)`);
    await db.query(`
      create table inbox_offsets (
        bus         text collate "C" not null,
        topic       text collate "C" not null,
        partition   integer not null,
        next_offset bigint not null,
        primary key (bus, topic, partition)
      ) with (fillfactor = 50)`);
    await db.query(`
      create table inbox_marks (
        organisation_id uuid not null,
        source          text collate "C" not null,
        source_position bigint not null,
        source_index    integer not null,
        primary key (organisation_id, source)
      ) with (fillfactor = 50)`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table inbox_marks, inbox_offsets, inbox');
  }
}
