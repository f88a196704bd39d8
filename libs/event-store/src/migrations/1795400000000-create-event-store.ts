import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The event log, the commands it answered, and the vaults for what must never lie in the log. Add-only from here on. */
export class CreateEventStore1795400000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(TABLES);
    await db.query(APPEND_ONLY);
    await db.query(APPEND);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop function append_commands;
      drop table content_vault, person_vault, subject_keys, commands, events;
      drop function refuse_change;`);
  }
}

const TABLES = `
  create table events (
    position        bigint      primary key check (position > 0),
    organisation_id uuid        not null,
    stream_id       text        not null,
    version         integer     not null check (version > 0),
    event_id        uuid        not null,
    type            text        not null,
    schema_version  smallint    not null default 1,
    data            jsonb       not null,
    command_id      text        not null,
    meta            jsonb       not null,
    occurred_at     timestamptz not null,
    recorded_at     timestamptz not null,
    constraint events_stream_version unique (organisation_id, stream_id, version),
    constraint events_occurred_before_recorded check (occurred_at <= recorded_at)
  );
  create table commands (
    organisation_id uuid    not null,
    command_id      text    not null,
    fingerprint     text    not null,
    version         integer not null,
    position        bigint  not null,
    primary key (organisation_id, command_id)
  );
  create table subject_keys (
    organisation_id uuid not null,
    subject_id      uuid not null,
    wrapped_key     bytea,
    destroyed_at    timestamptz,
    primary key (organisation_id, subject_id),
    constraint subject_keys_present_or_destroyed check ((wrapped_key is null) = (destroyed_at is not null))
  );
  create table person_vault (
    organisation_id uuid  not null,
    subject_id      uuid  not null,
    place           text  not null,
    sealed          bytea not null,
    primary key (organisation_id, subject_id, place)
  );
  create table content_vault (like person_vault including all);`;

const APPEND_ONLY = `
  create function refuse_change() returns trigger language plpgsql as $$
  begin
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
  end $$;
  create trigger events_append_only before update or delete or truncate on events
    for each statement execute function refuse_change();
  create trigger commands_append_only before update or delete or truncate on commands
    for each statement execute function refuse_change();`;

/* Texts of the commands that are written; those of an erased person are dropped. */
const TEXTS = `
    if t is not null then
      insert into person_vault (organisation_id, subject_id, place, sealed)
      select r.organisation, r.subject, r.place, decode(r.sealed, 'base64')
      from json_to_recordset(t) r(n integer, vault text, organisation uuid, subject uuid, place text, sealed text)
      where r.vault = 'person' and r.n <> all (losers) and exists (
        select from subject_keys k where k.organisation_id = r.organisation and k.subject_id = r.subject and k.destroyed_at is null offset 0)
      on conflict (organisation_id, subject_id, place) do update set sealed = excluded.sealed;

      insert into content_vault (organisation_id, subject_id, place, sealed)
      select r.organisation, r.subject, r.place, decode(r.sealed, 'base64')
      from json_to_recordset(t) r(n integer, vault text, organisation uuid, subject uuid, place text, sealed text)
      where r.vault = 'content' and r.n <> all (losers) and exists (
        select from subject_keys k where k.organisation_id = r.organisation and k.subject_id = r.subject and k.destroyed_at is null offset 0);
    end if;`;

/*
 * One call appends a batch of commands, each whole or not at all, each with an outcome of its own:
 *   duplicate  its key is in use: the stored fingerprint, version and position come back
 *   clash      a stream is not at the version the decision was made on: nothing of this command is written
 *   appended   written; position is that of its last event
 * The lock is taken before any position is given and released after the commit is visible. So positions are in commit order
 * and without gaps, and a reader may remember just the last one it saw. A transaction with an older snapshot than the
 * lock's fails on the primary key instead of giving a position twice.
 * The caller puts a stream and a key at most once into a batch, and the events in the order of their commands.
 * Recorded time never falls, whatever the clocks of the writers say.
 * Each `offset 0` keeps the planner on one index probe per row: plans are kept from when the tables were small, and a
 * scan of `commands`, right then, costs more than everything else once it has grown.
 */
const APPEND = `
  create function append_commands(c json, s json, e json, t json)
  returns table (n integer, outcome text, fingerprint text, version integer, "position" bigint)
  language plpgsql as $$
  #variable_conflict use_column
  declare
    duplicates integer[];
    losers     integer[];
    head       bigint;
    latest     timestamptz;
  begin
    perform pg_advisory_xact_lock(7140002);

    select coalesce(array_agg(r.n), '{}') into duplicates
    from json_to_recordset(c) r(n integer, organisation uuid, command text)
    where exists (select from commands k where k.organisation_id = r.organisation and k.command_id = r.command offset 0);

    select duplicates || coalesce(array_agg(distinct r.n), '{}') into losers
    from json_to_recordset(s) r(n integer, organisation uuid, stream text, expected integer)
    where r.n <> all (duplicates)
      and r.expected is distinct from coalesce((
        select h.version from events h where h.organisation_id = r.organisation and h.stream_id = r.stream
        order by h.version desc limit 1), 0);

    select h.position, h.recorded_at into head, latest from events h order by h.position desc limit 1;
    head := coalesce(head, 0);

    insert into events (position, organisation_id, stream_id, version, event_id, type, data, command_id, meta, occurred_at, recorded_at)
    select head + row_number() over (order by r.nth), r.organisation, r.stream, r.version, r.id, r.type, r.data, r.command, r.meta,
           r.occurred, greatest(r.recorded, latest)
    from rows from (json_to_recordset(e) as (n integer, organisation uuid, stream text, version integer, id uuid, type text,
           data jsonb, command text, meta jsonb, occurred timestamptz, recorded timestamptz))
         with ordinality r(n, organisation, stream, version, id, type, data, command, meta, occurred, recorded, nth)
    where r.n <> all (losers);

    ${TEXTS}

    return query
    with kept as (
      insert into commands (organisation_id, command_id, fingerprint, version, position)
      select r.organisation, r.command, r.fingerprint, r.version, head + sum(r.events) over (order by r.n)
      from json_to_recordset(c) r(n integer, organisation uuid, command text, fingerprint text, version integer, events integer)
      where r.n <> all (losers)
    )
    select r.n, 'appended', r.fingerprint, r.version, (head + sum(r.events) over (order by r.n))::bigint
    from json_to_recordset(c) r(n integer, fingerprint text, version integer, events integer)
    where r.n <> all (losers)
    union all
    select r.n, 'duplicate', k.fingerprint, k.version, k.position
    from json_to_recordset(c) r(n integer, organisation uuid, command text)
    cross join lateral (
      select * from commands k where k.organisation_id = r.organisation and k.command_id = r.command offset 0) k
    where r.n = any (duplicates)
    union all
    select l, 'clash', null, null, null from unnest(losers) l where l <> all (duplicates);
  end $$;`;
