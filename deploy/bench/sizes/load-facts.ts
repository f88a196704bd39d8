import type { Database } from '@oppi/database';
import * as goal from '@oppi/contracts/goal/v1/goal_events';
import type { Goals } from './load-goals';

const COHORT = 1_000;
const BATCH = 5_000;

type Fact = Readonly<{ type: string; value: (goalId: string) => Uint8Array }>;

const evidenceId = '0e000000-0000-4000-8000-000000000001';
const progress = (percent: number): Fact => ({
  type: 'ProgressReported',
  value: (goalId) =>
    goal.ProgressReported.encode({ goalId, percent, carriedOver: false, effectiveOn: '2026-03-01' }).finish(),
});
const agreement = (party: string): Fact => ({
  type: 'GoalAgreementGiven',
  value: (goalId) => goal.GoalAgreementGiven.encode({ goalId, party }).finish(),
});

/** The facts that goal publishes of a goal, from the proposal to its attainment. */
const STEPS: readonly Fact[] = [
  {
    type: 'GoalProposed',
    value: (goalId) => goal.GoalProposed.encode({ goalId, dueOn: '2099-12-31', imported: true }).finish(),
  },
  agreement('client'),
  agreement('provider'),
  {
    type: 'GoalAgreed',
    value: (goalId) => goal.GoalAgreed.encode({ goalId, effectiveOn: '2026-01-06' }).finish(),
  },
  progress(25),
  progress(50),
  progress(75),
  {
    type: 'EvidenceSubmitted',
    value: (goalId) =>
      goal.EvidenceSubmitted.encode({ goalId, evidenceId, kind: 'test', effectiveOn: '2026-05-01' }).finish(),
  },
  {
    type: 'EvidenceAccepted',
    value: (goalId) => goal.EvidenceAccepted.encode({ goalId, evidenceId, criterionIds: ['pass'] }).finish(),
  },
  {
    type: 'GoalAttained',
    value: (goalId) =>
      goal.GoalAttained.encode({
        goalId,
        outcomeNo: 1,
        evidenceIds: [evidenceId],
        effectiveOn: '2026-05-01',
      }).finish(),
  },
];

type Row = Readonly<{ organisationId: string; goalId: string; position: number; version: number; fact: Fact }>;

/** In the order of goal's log: a thousand goals side by side, step by step. */
function* rowsOf({ organisations, goals }: Goals, after: number): Generator<Row> {
  let position = after;
  for (let first = 0; first < goals; first += COHORT)
    for (const [index, fact] of STEPS.entries())
      for (let n = first; n < first + COHORT; n += 1) {
        position += 1;
        const goalId = `90a10000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
        yield {
          organisationId: organisations[n % organisations.length] as string,
          goalId,
          position,
          version: index + 1,
          fact,
        };
      }
}

const INSERT = `
  insert into inbox (organisation_id, source, source_position, source_index, event_id, type, subject, stream_version, actor_id,
                     actor_role, occurred_at, recorded_at, correlation_id, value)
  select org, 'goal', pos, 0, gen_random_uuid(), typ, sub, ver, '0b000000-0000-4000-8000-000000000001', 'operations',
         now(), now(), repeat('c', 32), val
  from unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::integer[], $6::bytea[])
       with ordinality r(org, pos, typ, sub, ver, val, n)
  order by n`;

const insert = async (database: Database, rows: readonly Row[]): Promise<void> => {
  await database.query({
    name: 'load-facts',
    text: INSERT,
    values: [
      rows.map(({ organisationId }) => organisationId),
      rows.map(({ position }) => position),
      rows.map(({ fact }) => `goal.v1.${fact.type}`),
      rows.map(({ goalId }) => `goal-${goalId}`),
      rows.map(({ version }) => version),
      rows.map(({ goalId, fact }) => fact.value(goalId)),
    ],
  });
};

/** Writes the facts of goals straight into reporting's inbox, past bus and intake: fast, and only for measurements. */
export const loadFacts = async (database: Database, goals: Goals): Promise<void> => {
  const { rows: last } = await database.query<{ n: string }>(
    `select coalesce(max(source_position), 0) as n from inbox where source = 'goal'`,
  );
  let batch: Row[] = [];
  for (const row of rowsOf(goals, Number(last[0]?.n))) {
    if (batch.push(row) < BATCH) continue;
    await insert(database, batch);
    batch = [];
  }
  if (batch.length > 0) await insert(database, batch);
};
