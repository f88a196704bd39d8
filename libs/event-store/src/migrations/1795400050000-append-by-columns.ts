import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Appending takes a column per argument instead of JSON records, which cost a fifth of an append to take apart. */
export class AppendByColumns1795400050000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(APPEND);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(
      'drop function append_commands(uuid[], text[], text[], integer[], integer[], integer[], text[], integer[], integer[], text[], integer[], uuid[], text[], timestamptz[], timestamptz[], json, json)',
    );
  }
}

/* Texts (t) of the commands that are written, which are all but the losers; those of an erased person are dropped. */
export const TEXTS = `
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
 * c_ are the commands, numbered from 1; s_ the streams they decided on and e_ their events, each with its command's number
 * (n); d holds data and meta of the events, t the texts.
 * The lock is taken before any position is given and released after the commit is visible. So positions are in commit order
 * and without gaps, and a reader may remember just the last one it saw. A transaction with an older snapshot than the
 * lock's fails on the primary key instead of giving a position twice.
 * The caller puts a stream and a key at most once into a batch, and the events in the order of their commands.
 * Recorded time never falls, whatever the clocks of the writers say.
 * Each \`offset 0\` keeps the planner on one index probe per row: plans are kept from when the tables were small, and a
 * scan of \`commands\`, right then, costs more than everything else once it has grown.
 * The function of the same name that takes records stays for processes of an older version that are still running.
 */
const APPEND = `
  create function append_commands(
    c_organisation uuid[], c_command text[], c_fingerprint text[], c_version integer[], c_events integer[],
    s_n integer[], s_stream text[], s_expected integer[],
    e_n integer[], e_stream text[], e_version integer[], e_id uuid[], e_type text[],
    e_occurred timestamptz[], e_recorded timestamptz[], d json, t json)
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

    select coalesce(array_agg(r.n::integer), '{}') into duplicates
    from unnest(c_organisation, c_command) with ordinality r(organisation, command, n)
    where exists (select from commands k where k.organisation_id = r.organisation and k.command_id = r.command offset 0);

    select duplicates || coalesce(array_agg(distinct r.n), '{}') into losers
    from unnest(s_n, s_stream, s_expected) r(n, stream, expected)
    where r.n <> all (duplicates)
      and r.expected is distinct from coalesce((
        select h.version from events h where h.organisation_id = c_organisation[r.n] and h.stream_id = r.stream
        order by h.version desc limit 1), 0);

    select h.position, h.recorded_at into head, latest from events h order by h.position desc limit 1;
    head := coalesce(head, 0);

    insert into events (position, organisation_id, stream_id, version, event_id, type, data, command_id, meta, occurred_at, recorded_at)
    select head + row_number() over (order by r.nth), c_organisation[r.n], r.stream, r.version, r.id, r.type, r.data,
           c_command[r.n], r.meta, r.occurred, greatest(r.recorded, latest)
    from rows from (unnest(e_n, e_stream, e_version, e_id, e_type, e_occurred, e_recorded),
                    json_to_recordset(d) as (data jsonb, meta jsonb))
         with ordinality r(n, stream, version, id, type, occurred, recorded, data, meta, nth)
    where r.n <> all (losers);

    ${TEXTS}

    return query
    with kept as (
      insert into commands (organisation_id, command_id, fingerprint, version, position)
      select r.organisation, r.command, r.fingerprint, r.version, head + sum(r.events) over (order by r.n)
      from unnest(c_organisation, c_command, c_fingerprint, c_version, c_events)
           with ordinality r(organisation, command, fingerprint, version, events, n)
      where r.n <> all (losers)
    )
    select r.n::integer, 'appended', r.fingerprint, r.version, (head + sum(r.events) over (order by r.n))::bigint
    from unnest(c_fingerprint, c_version, c_events) with ordinality r(fingerprint, version, events, n)
    where r.n <> all (losers)
    union all
    select r.n, 'duplicate', k.fingerprint, k.version, k.position
    from unnest(duplicates) r(n)
    cross join lateral (
      select * from commands k where k.organisation_id = c_organisation[r.n] and k.command_id = c_command[r.n] offset 0) k
    union all
    select l, 'clash', null, null, null from unnest(losers) l where l <> all (duplicates);
  end $$;`;
