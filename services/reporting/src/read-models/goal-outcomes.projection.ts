import type { AttainmentRevoked } from '@oppi/contracts/goal/v1/goal_events';
import { whenFact } from '@oppi/intake';
import type { InboxEvent } from '@oppi/messaging';
import { projection } from '@oppi/projections';

export type Outcome = 'attained' | 'missed' | 'withdrawn' | 'overdue';

/**
 * An outcome on both clocks: it holds from `effectiveOn`, as known since `recordedAt`; an attainment that was revoked holds
 * no longer from `revokedOn`, as known since `revokedRecordedAt`. The one with the highest number that holds is the goal's.
 */
export type GoalOutcomeRow = {
  organisationId: string;
  goalId: string;
  outcomeNo: number;
  outcome: Outcome;
  effectiveOn: string;
  recordedAt: string;
  revokedOn: string | null;
  revokedRecordedAt: string | null;
};

type OutcomeFact = { goalId: string; outcomeNo: number; effectiveOn: string };
const key = ({ organisationId, data }: { organisationId: string; data: { goalId: string; outcomeNo: number } }) => ({
  organisationId,
  goalId: data.goalId,
  outcomeNo: data.outcomeNo,
});

const begins = (outcome: Outcome) =>
  whenFact<GoalOutcomeRow, OutcomeFact>({
    key,
    row: (_row, { organisationId, recordedAt, data: { goalId, outcomeNo, effectiveOn } }) => ({
      organisationId,
      goalId,
      outcomeNo,
      outcome,
      effectiveOn,
      recordedAt,
      revokedOn: null,
      revokedRecordedAt: null,
    }),
  });

/** One row per outcome of a goal. */
export const goalOutcomes = projection<GoalOutcomeRow, InboxEvent>({
  table: {
    name: 'goal_outcomes',
    columns: {
      organisationId: 'uuid',
      goalId: 'uuid',
      outcomeNo: 'integer',
      outcome: 'text',
      effectiveOn: 'date',
      recordedAt: 'timestamptz',
      revokedOn: 'date',
      revokedRecordedAt: 'timestamptz',
    },
    key: ['organisationId', 'goalId', 'outcomeNo'],
  },
  on: {
    'goal.v1.GoalAttained': begins('attained'),
    'goal.v1.GoalMissed': begins('missed'),
    'goal.v1.GoalWithdrawn': begins('withdrawn'),
    'goal.v1.GoalFellOverdue': begins('overdue'),
    'goal.v1.AttainmentRevoked': whenFact<GoalOutcomeRow, AttainmentRevoked>({
      key,
      row: (row, { recordedAt, data: { groundOn } }) =>
        row && { ...row, revokedOn: groundOn, revokedRecordedAt: recordedAt },
    }),
  },
});
