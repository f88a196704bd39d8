import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The embedded log: topics, their records, and who reads for a group. Lives in a database of its own. */
export class CreateBus1795400100000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    // A new database is a new log: its offsets begin anew, and its readers must notice. Whoever restores the files of a
    // database gives it a new identity by hand; a restored dump is told by its database's oid.
    await db.query(`
      create table bus_identity (
        only_one boolean primary key default true check (only_one),
        identity uuid not null default gen_random_uuid()
      )`);
    await db.query(`insert into bus_identity default values`);
    // next_offset is the lock that serialises publishing; room on the page keeps its updates cheap.
    await db.query(`
      create table bus_topics (
        topic       text collate "C" primary key,
        log_start   bigint not null default 0,
        next_offset bigint not null default 0,
        check (log_start between 0 and next_offset)
      ) with (fillfactor = 50)`);
    await db.query(`
      create table bus_records (
        topic        text collate "C" not null,
        "offset"     bigint not null,
        key          text not null,
        value        bytea not null,
        headers      json not null,
        published_at timestamptz not null default now(),
        primary key (topic, "offset")
      )`);
    await db.query(`
      create table bus_groups (
        name        text collate "C" primary key,
        owner       uuid,
        epoch       bigint not null default 0,
        lease_until timestamptz
      ) with (fillfactor = 50)`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table bus_groups, bus_records, bus_topics, bus_identity');
  }
}
