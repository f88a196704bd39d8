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
    position        bigint generated always as identity primary key,
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

/*
 * One call appends a batch of commands, each whole or not at all, each with an outcome of its own:
 *   duplicate  its key is in use: the stored fingerprint, version and position come back
 *   clash      a stream is not at the version the decision was made on: nothing of this command is written
 *   appended   written; position is that of its last event
 * The lock is taken before any position is drawn and released after the commit is visible, so positions are in commit
 * order and a reader may remember just the last one it saw. The caller puts a stream and a key at most once into a batch.
 * Recorded time never falls, whatever the clocks of the writers say.
 */
const APPEND = `
  create function append_commands(c json, s json, e json, t json)
  returns table (n integer, outcome text, fingerprint text, version integer, "position" bigint)
  language plpgsql as $$
  #variable_conflict use_column
  declare
    duplicates integer[];
    clashes    integer[];
    latest     timestamptz;
  begin
    perform pg_advisory_xact_lock(7140002);

    select coalesce(array_agg(r.n), '{}') into duplicates
    from json_to_recordset(c) r(n integer, organisation uuid, command text)
    where exists (select from commands k where k.organisation_id = r.organisation and k.command_id = r.command);

    select coalesce(array_agg(distinct r.n), '{}') into clashes
    from json_to_recordset(s) r(n integer, organisation uuid, stream text, expected integer)
    where r.n <> all (duplicates)
      and r.expected is distinct from coalesce((
        select h.version from events h where h.organisation_id = r.organisation and h.stream_id = r.stream
        order by h.version desc limit 1), 0);

    select coalesce(max(recorded_at), '-infinity') into latest
    from (select h.recorded_at from events h order by h.position desc limit 1) h;

    return query
    with written as (
      insert into events (organisation_id, stream_id, version, event_id, type, data, command_id, meta, occurred_at, recorded_at)
      select r.organisation, r.stream, r.version, r.id, r.type, r.data, r.command, r.meta, r.occurred, greatest(r.recorded, latest)
      from json_to_recordset(e) r(n integer, organisation uuid, stream text, version integer, id uuid, type text, data jsonb,
        command text, meta jsonb, occurred timestamptz, recorded timestamptz)
      where r.n <> all (duplicates) and r.n <> all (clashes)
      returning events.organisation_id, events.command_id, events.position
    ), last as (
      select organisation_id, command_id, max(written.position) as position from written group by 1, 2
    ), kept as (
      insert into commands (organisation_id, command_id, fingerprint, version, position)
      select r.organisation, r.command, r.fingerprint, r.version, last.position
      from json_to_recordset(c) r(organisation uuid, command text, fingerprint text, version integer)
      join last on last.organisation_id = r.organisation and last.command_id = r.command
      returning commands.organisation_id, commands.command_id, commands.fingerprint, commands.version, commands.position
    )
    select r.n, case when k.command_id is not null then 'duplicate' when w.command_id is not null then 'appended' else 'clash' end,
           coalesce(k.fingerprint, w.fingerprint), coalesce(k.version, w.version), coalesce(k.position, w.position)
    from json_to_recordset(c) r(n integer, organisation uuid, command text)
    left join commands k on k.organisation_id = r.organisation and k.command_id = r.command
    left join kept w on w.organisation_id = r.organisation and w.command_id = r.command;

    if t is not null then
      insert into person_vault (organisation_id, subject_id, place, sealed)
      select r.organisation, r.subject, r.place, decode(r.sealed, 'base64')
      from json_to_recordset(t) r(n integer, vault text, organisation uuid, subject uuid, place text, sealed text)
      join subject_keys k on k.organisation_id = r.organisation and k.subject_id = r.subject and k.destroyed_at is null
      where r.vault = 'person' and r.n <> all (duplicates) and r.n <> all (clashes)
      on conflict (organisation_id, subject_id, place) do update set sealed = excluded.sealed;

      insert into content_vault (organisation_id, subject_id, place, sealed)
      select r.organisation, r.subject, r.place, decode(r.sealed, 'base64')
      from json_to_recordset(t) r(n integer, vault text, organisation uuid, subject uuid, place text, sealed text)
      join subject_keys k on k.organisation_id = r.organisation and k.subject_id = r.subject and k.destroyed_at is null
      where r.vault = 'content' and r.n <> all (duplicates) and r.n <> all (clashes);
    end if;
  end $$;`;
