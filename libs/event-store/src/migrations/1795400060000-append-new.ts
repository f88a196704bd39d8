import type { MigrationInterface, QueryRunner } from 'typeorm';
import { TEXTS } from './1795400050000-append-by-columns';

/** Most batches hold nothing but new commands on streams that nobody touched meanwhile: they go in without being looked at. */
export class AppendNew1795400060000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(APPEND_NEW);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(
      'drop function append_new(uuid[], text[], text[], integer[], integer[], integer[], text[], integer[], integer[], text[], integer[], uuid[], text[], timestamptz[], timestamptz[], json, json)',
    );
  }
}

/*
 * Appends a batch of commands as `append_commands` does, but all of them or none, and answers the position before the first.
 * It looks for no key and no version: a key in use breaks the primary key of `commands`, and a stream that went on has the
 * version already, which breaks `events_stream_version`. (It cannot stand lower than it was read: nothing is ever taken away.)
 * Then, as when a guard has changed, it fails as unique_violation, and `append_commands` finds out whose fault it was.
 * c_last is how many events the batch has up to the end of each command; g_ are the guards, each with its command's number;
 * e_, d and t are those of `append_commands`, and so are the rules for the caller.
 */
const APPEND_NEW = `
  create function append_new(
    c_organisation uuid[], c_command text[], c_fingerprint text[], c_version integer[], c_last integer[],
    g_n integer[], g_stream text[], g_expected integer[],
    e_n integer[], e_stream text[], e_version integer[], e_id uuid[], e_type text[],
    e_occurred timestamptz[], e_recorded timestamptz[], d json, t json)
  returns bigint language plpgsql as $$
  declare
    losers constant integer[] := '{}';
    head            bigint;
    latest          timestamptz;
  begin
    perform pg_advisory_xact_lock(7140002);

    if exists (
      select from unnest(g_n, g_stream, g_expected) r(n, stream, expected)
      where r.expected is distinct from coalesce((
        select h.version from events h where h.organisation_id = c_organisation[r.n] and h.stream_id = r.stream
        order by h.version desc limit 1), 0))
    then
      raise exception 'A guard has changed.' using errcode = 'unique_violation';
    end if;

    select h.position, h.recorded_at into head, latest from events h order by h.position desc limit 1;
    head := coalesce(head, 0);

    with written as (
      insert into events (position, organisation_id, stream_id, version, event_id, type, data, command_id, meta, occurred_at, recorded_at)
      select head + r.nth, c_organisation[r.n], r.stream, r.version, r.id, r.type, r.data,
             c_command[r.n], r.meta, r.occurred, greatest(r.recorded, latest)
      from rows from (unnest(e_n, e_stream, e_version, e_id, e_type, e_occurred, e_recorded),
                      json_to_recordset(d) as (data jsonb, meta jsonb))
           with ordinality r(n, stream, version, id, type, occurred, recorded, data, meta, nth))
    insert into commands (organisation_id, command_id, fingerprint, version, position)
    select r.organisation, r.command, r.fingerprint, r.version, head + r.last
    from unnest(c_organisation, c_command, c_fingerprint, c_version, c_last)
         r(organisation, command, fingerprint, version, last);
    ${TEXTS}

    return head;
  end $$;`;
