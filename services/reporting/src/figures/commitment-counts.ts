import type { Session } from '@oppi/database';
import type { Clocks } from './question';

/** A commitment with its goals by what became of them, and what was billed. */
export type CommitmentCounts = Readonly<{
  commitmentId: string;
  name: string;
  dueOn: string;
  agreedOn: string;
  promised: number;
  attained: number;
  missed: number;
  withdrawn: number;
  overdue: number;
  open: number;
  threshold: number;
  priceMinor: string | null;
  currency: string;
  billedMinor: string;
}>;

/** The commitments of an organisation on both clocks, the one due first first, and the zone in which their days end. */
export const commitmentCounts = async (
  session: Session,
  organisationId: string,
  { on, knownAt }: Clocks,
): Promise<{ timeZone: string; rows: CommitmentCounts[] }> => {
  const zone = await session.query<{ timeZone: string }>(
    'select time_zone as "timeZone" from organisations where organisation_id = $1',
    [organisationId],
  );
  const { rows } = await session.query<CommitmentCounts>(COUNTS, [organisationId, on ?? null, knownAt ?? null]);
  return { timeZone: zone.rows[0]?.timeZone ?? 'UTC', rows };
};

const MOST = 200;
const counted = (outcome: string): string =>
  `(count(*) filter (where o.outcome = '${outcome}'))::integer as ${outcome}`;

/*
 * $1 organisation, $2 on, $3 known at, as for attainment: a goal counts as the last of its outcomes that hold on $2 as known
 * at $3, however late that was recorded. Money has no day of its own: of it counts what was decided by $3.
 */
const COUNTS = `
  select k.commitment_id as "commitmentId", k.name, k.due_on::text as "dueOn", k.agreed_on::text as "agreedOn", k.promised,
         c.attained, c.missed, c.withdrawn, c.overdue, c.open, k.threshold, k.price_minor::text as "priceMinor", k.currency,
         b.billed as "billedMinor"
  from commitments k
  cross join lateral (
    select ${['attained', 'missed', 'withdrawn', 'overdue'].map(counted).join(', ')},
           (count(*) filter (where o.outcome is null))::integer as open
    from commitment_goals g
    left join lateral (
      select o.outcome from goal_outcomes o
      where o.organisation_id = g.organisation_id and o.goal_id = g.goal_id
        and o.recorded_at <= coalesce($3::timestamptz, 'infinity') and ($2::date is null or o.effective_on <= $2)
        and not coalesce(o.revoked_recorded_at <= coalesce($3::timestamptz, 'infinity')
                         and ($2::date is null or o.revoked_on <= $2), false)
      order by o.outcome_no desc limit 1) o on true
    where g.organisation_id = k.organisation_id and g.commitment_id = k.commitment_id) c
  cross join lateral (
    select coalesce(sum(l.amount_minor), 0)::text as billed from lines l
    where l.organisation_id = k.organisation_id and l.commitment_id = k.commitment_id and l.period is not null
      and l.recorded_at <= coalesce($3::timestamptz, 'infinity')) b
  where k.organisation_id = $1 and k.agreed_recorded_at <= coalesce($3::timestamptz, 'infinity')
    and ($2::date is null or k.agreed_on <= $2)
  order by k.due_on, k.commitment_id limit ${MOST}`;
