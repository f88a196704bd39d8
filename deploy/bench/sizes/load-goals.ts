import type { Database } from '@oppi/database';
import { inTransaction } from '@oppi/database';

/** The events of one goal, from the proposal to its attainment. */
export const EVENTS_PER_GOAL = 10;

/** Goals that go through their steps side by side, so that a batch of the log touches many rows, each several times. */
const COHORT = 1_000;

export type Goals = Readonly<{
  organisations: readonly string[];
  /** Of all organisations together; a multiple of 1,000. */
  goals: number;
}>;

// The lock of the event store: nobody else may give positions meanwhile.
const LOCK = 7_140_002;

/** Goals of one statement, which sorts its events in memory. */
const AT_ONCE = 20_000;

/*
 * $1 organisations, $2 the first goal, $3 the one after the last. Ten events and ten keys per goal. Ids follow from the goal's number, so that the same call
 * makes the same history; each event has a millisecond of its own, as it would have had.
 */
const HISTORY = `
  with steps (step, type, data) as (values
    (1, 'GoalProposed', '{"dueOn":"2099-12-31","timeZone":"Europe/Helsinki","graceDays":14,"criteria":[{"criterionId":"pass"}],"milestones":[],"imported":true}'::jsonb),
    (2, 'GoalAgreementGiven', '{"party":"client","actorId":"0b000000-0000-4000-8000-000000000002","effectiveOn":"2026-01-05"}'),
    (3, 'GoalAgreementGiven', '{"party":"provider","actorId":"0b000000-0000-4000-8000-000000000001","effectiveOn":"2026-01-06"}'),
    (4, 'GoalAgreed', '{"effectiveOn":"2026-01-06"}'),
    (5, 'ProgressReported', '{"percent":25,"carriedOver":false,"effectiveOn":"2026-02-01"}'),
    (6, 'ProgressReported', '{"percent":50,"carriedOver":false,"effectiveOn":"2026-03-01"}'),
    (7, 'ProgressReported', '{"percent":75,"carriedOver":false,"effectiveOn":"2026-04-01"}'),
    (8, 'EvidenceSubmitted', '{"evidenceId":"0e000000-0000-4000-8000-000000000001","kind":"test","submittedBy":"0b000000-0000-4000-8000-000000000003","occurredAt":"2026-05-01T10:00:00.000Z","recordedAt":"2026-05-01T10:00:00.000Z","effectiveOn":"2026-05-01"}'),
    (9, 'EvidenceAccepted', '{"evidenceId":"0e000000-0000-4000-8000-000000000001","criterionIds":["pass"],"verifiedBy":"0b000000-0000-4000-8000-000000000004"}'),
    (10, 'GoalAttained', '{"outcomeNo":1,"evidenceIds":["0e000000-0000-4000-8000-000000000001"],"effectiveOn":"2026-05-01"}')
  ), goals as (
    select n, ($1::uuid[])[1 + n % cardinality($1::uuid[])] as organisation_id,
           ('90a10000-0000-4000-8000-' || lpad(to_hex(n), 12, '0')) as goal_id
    from generate_series($2::int, $3::int - 1) n
  ), head as (select coalesce(max(position), 0) as position from events), stored as (
  insert into events (position, organisation_id, stream_id, version, event_id, type, data, command_id, meta, occurred_at, recorded_at)
  select head.position + nth, organisation_id, 'goal-' || goal_id, step,
         ('e7e10000-0000-4000-8000-' || lpad(to_hex(n * ${EVENTS_PER_GOAL} + step), 12, '0'))::uuid, type,
         jsonb_build_object('goalId', goal_id) || data, 'loaded-' || n || '-' || step,
         '{"actor":{"id":"0b000000-0000-4000-8000-000000000001","role":"operations"},"correlationId":"cccccccccccccccccccccccccccccccc","traceparent":"00-cccccccccccccccccccccccccccccccc-00f067aa0ba902b7-01"}',
         moment, moment
  from (select *, row_number() over (order by n / ${COHORT}, step, n) as nth from goals cross join steps) placed
  cross join head
  cross join lateral (select clock_timestamp() - make_interval(secs => (${AT_ONCE * EVENTS_PER_GOAL} - nth) / 1000.0) as moment) m
  returning organisation_id, command_id, version, position)
  insert into commands (organisation_id, command_id, fingerprint, version, position)
  select organisation_id, command_id, repeat('f', 64), version, position from stored`;

/**
 * Writes histories of goals straight into an event log, in one transaction: a hundred times as fast as commands would, and
 * only for measurements. What it writes is what goal would have stored.
 */
export const loadGoals = (database: Database, { organisations, goals }: Goals): Promise<void> =>
  inTransaction(database, async (session) => {
    await session.query('select pg_advisory_xact_lock($1)', [LOCK]);
    for (let first = 0; first < goals; first += AT_ONCE)
      await session.query(HISTORY, [organisations, first, Math.min(first + AT_ONCE, goals)]);
  });
