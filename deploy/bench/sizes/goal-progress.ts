import type { Recorded } from '@oppi/event-sourcing';
import { projection, type Rule } from '@oppi/projections';

/** One row per goal, as wide as goal's own list, kept up by every event of a goal. */
export type GoalProgress = {
  organisationId: string;
  goalId: string;
  status: string;
  dueOn: string;
  timeZone: string;
  graceDays: number;
  imported: boolean;
  percent: number | null;
  version: number;
  seenAt: string;
};

type Data = Readonly<Partial<GoalProgress> & { goalId: string }>;
const dataOf = (event: Recorded): Data => event.data as Data;

const key = (event: Recorded): Partial<GoalProgress> => ({
  organisationId: event.organisationId,
  goalId: dataOf(event).goalId,
});

const becomes = (change: (data: Data) => Partial<GoalProgress>): Rule<GoalProgress, Recorded> => ({
  key,
  row: (row, event) => row && { ...row, ...change(dataOf(event)), version: event.version, seenAt: event.recordedAt },
});
const only = becomes(() => ({}));

export const goalProgress = projection<GoalProgress, Recorded>({
  table: {
    name: 'goal_progress',
    columns: {
      organisationId: 'uuid',
      goalId: 'uuid',
      status: 'text',
      dueOn: 'date',
      timeZone: 'text',
      graceDays: 'integer',
      imported: 'boolean',
      percent: 'integer',
      version: 'integer',
      seenAt: 'timestamptz',
    },
    key: ['organisationId', 'goalId'],
  },
  on: {
    GoalProposed: {
      key,
      row: (_row, event) => {
        const { goalId, dueOn = '', timeZone = '', graceDays = 0, imported = false } = dataOf(event);
        const { organisationId, version, recordedAt: seenAt } = event;
        const terms = { goalId, dueOn, timeZone, graceDays, imported };
        return { organisationId, ...terms, status: 'proposed', percent: null, version, seenAt };
      },
    },
    GoalAgreementGiven: only,
    GoalAgreed: becomes(() => ({ status: 'agreed' })),
    ProgressReported: becomes(({ percent = null }) => ({ percent })),
    EvidenceSubmitted: only,
    EvidenceAccepted: only,
    GoalAttained: becomes(() => ({ status: 'attained' })),
  },
});

/** Its table. */
export class CreateGoalProgress1795409000000 {
  async up(db: { query(sql: string): Promise<unknown> }): Promise<void> {
    await db.query(`
      create table goal_progress (
        organisation_id uuid not null, goal_id uuid not null, status text not null, due_on date not null,
        time_zone text not null, grace_days integer not null, imported boolean not null, percent integer,
        version integer not null, seen_at timestamptz not null, primary key (organisation_id, goal_id))`);
  }

  async down(db: { query(sql: string): Promise<unknown> }): Promise<void> {
    await db.query('drop table goal_progress');
  }
}
