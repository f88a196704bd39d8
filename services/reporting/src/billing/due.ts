import type { Database } from '@oppi/database';
import type { LockCode } from '../domain/charges.events';

type Line = Readonly<{ organisationId: string; commitmentId: string; goalId: string; outcomeNo: number }>;

/** An attainment under an agreed commitment that nobody decided on yet. `lockCode`: why it would be held back. */
export type DueCharge = Line &
  Readonly<{
    priceMinor: string | null;
    currency: string;
    vatRateBasisPoints: number | null;
    effectiveOn: string;
    evidenceIds: string;
    eventId: string;
    correlationId: string;
    lockCode: LockCode | null;
  }>;
/** A charge whose attainment was revoked, without its reversal. */
export type DueReversal = Line &
  Readonly<{ timeZone: string; recordedAt: Date; eventId: string; correlationId: string }>;
/** A charge of an open month whose verifier turned out to have been the coach. */
export type DueLock = Line & Readonly<{ lineId: string }>;
export type Due = Readonly<{ charges: DueCharge[]; reversals: DueReversal[]; locks: DueLock[] }>;

/*
 * Each `offset 0` keeps the planner on one index probe per row, whatever it believes about the size of tables that have just
 * grown: a plan that compares 15,000 lines with 15,000 attainments takes a minute.
 */

/** Whether somebody who accepted evidence of attainment `a` coached its learner when the evidence came about (rule A12). */
export const VERIFIER_WAS_COACH = `exists (
  select from unnest(string_to_array(a.evidence_ids, ',')::uuid[]) as i(evidence_id)
  cross join lateral (
    select effective_on, accepted_by from evidence e
    where e.organisation_id = a.organisation_id and e.goal_id = a.goal_id and e.evidence_id = i.evidence_id offset 0) e
  cross join lateral (
    select person_id from goals g where g.organisation_id = a.organisation_id and g.goal_id = a.goal_id offset 0) g
  cross join lateral (
    select coach_id, from_on, until_on from coach_assignments c
    where c.organisation_id = a.organisation_id and c.person_id = g.person_id offset 0) c
  where c.coach_id::text = e.accepted_by and c.from_on <= e.effective_on
    and (c.until_on is null or e.effective_on < c.until_on)
  offset 0)`;

/** What the read models say has to be decided; whether anything happens is the streams' decision. */
export const findDue = async (database: Database, organisations: readonly string[], limit: number): Promise<Due> => {
  const find = async <T extends object>(text: string): Promise<T[]> =>
    (await database.query<T>(text, [organisations, limit])).rows;
  return {
    charges: await find<DueCharge>(CHARGES),
    reversals: await find<DueReversal>(REVERSALS),
    locks: await find<DueLock>(LOCKS),
  };
};

// A commitment of an organisation that is not known yet waits for it: without its time zone nothing can be dated.
const CHARGES = `
  select k.organisation_id as "organisationId", k.commitment_id as "commitmentId", a.goal_id as "goalId",
         a.outcome_no as "outcomeNo", k.price_minor::text as "priceMinor", k.currency,
         k.vat_rate_basis_points as "vatRateBasisPoints", a.effective_on::text as "effectiveOn",
         a.evidence_ids as "evidenceIds", a.event_id as "eventId", a.correlation_id as "correlationId",
         case when k.currency <> o.currency then 'currency-differs'
              when ${VERIFIER_WAS_COACH} then 'verifier-was-coach' end as "lockCode"
  from commitments k
  join organisations o using (organisation_id)
  cross join lateral (
    select goal_id from commitment_goals g
    where g.organisation_id = k.organisation_id and g.commitment_id = k.commitment_id offset 0) g
  cross join lateral (
    select * from attainments a
    where a.organisation_id = k.organisation_id and a.goal_id = g.goal_id and a.revoked_event_id is null offset 0) a
  where k.organisation_id = any ($1::uuid[]) and not exists (
    select from lines l
    where l.organisation_id = k.organisation_id and l.commitment_id = k.commitment_id and l.goal_id = a.goal_id
      and l.outcome_no = a.outcome_no and l.kind = 'charge' offset 0)
  limit $2`;

const REVERSALS = `
  select a.organisation_id as "organisationId", l.commitment_id as "commitmentId", a.goal_id as "goalId",
         a.outcome_no as "outcomeNo", o.time_zone as "timeZone", a.revoked_recorded_at as "recordedAt",
         a.revoked_event_id as "eventId", a.revoked_correlation_id as "correlationId"
  from attainments a
  join organisations o using (organisation_id)
  cross join lateral (
    select commitment_id from lines l
    where l.organisation_id = a.organisation_id and l.goal_id = a.goal_id and l.outcome_no = a.outcome_no
      and l.kind = 'charge' and not l.reversed offset 0) l
  where a.organisation_id = any ($1::uuid[]) and a.revoked_event_id is not null
  limit $2`;

const LOCKS = `
  select l.organisation_id as "organisationId", l.commitment_id as "commitmentId", l.goal_id as "goalId",
         l.outcome_no as "outcomeNo", l.line_id as "lineId"
  from unnest($1::uuid[]) as o(organisation_id)
  cross join lateral (
    select * from lines l
    where l.organisation_id = o.organisation_id and l.kind = 'charge' and not l.reversed and not l.released
      and l.period > coalesce((select max(s.period) from statements s where s.organisation_id = o.organisation_id), '')
    offset 0) l
  cross join lateral (
    select * from attainments a
    where a.organisation_id = l.organisation_id and a.goal_id = l.goal_id and a.outcome_no = l.outcome_no offset 0) a
  where exists (select from coach_assignments c where c.organisation_id = o.organisation_id offset 0)
    and ${VERIFIER_WAS_COACH}
  limit $2`;
