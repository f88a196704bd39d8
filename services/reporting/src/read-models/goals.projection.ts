import type { GoalAgreed, GoalProposed } from '@oppi/contracts/goal/v1/goal_events';
import { whenFact } from '@oppi/intake';
import type { InboxEvent } from '@oppi/messaging';
import { projection } from '@oppi/projections';

/** A goal counts from when it was agreed. `agreedOn` null beside a set `agreedRecordedAt`: nobody knows the day. */
export type GoalRow = {
  organisationId: string;
  goalId: string;
  personId: string | null;
  teamId: string | null;
  dueOn: string;
  agreedOn: string | null;
  agreedRecordedAt: string | null;
};

/** One row per goal. What became of it lies in `goal_outcomes`. */
export const goals = projection<GoalRow, InboxEvent>({
  table: {
    name: 'goals',
    columns: {
      organisationId: 'uuid',
      goalId: 'uuid',
      personId: 'uuid',
      teamId: 'uuid',
      dueOn: 'date',
      agreedOn: 'date',
      agreedRecordedAt: 'timestamptz',
    },
    key: ['organisationId', 'goalId'],
  },
  on: {
    'goal.v1.GoalProposed': whenFact<GoalRow, GoalProposed>({
      key: ({ organisationId, data: { goalId } }) => ({ organisationId, goalId }),
      row: (_row, { organisationId, data: { goalId, personId, teamId, dueOn } }) => ({
        organisationId,
        goalId,
        personId: personId ?? null,
        teamId: teamId ?? null,
        dueOn,
        agreedOn: null,
        agreedRecordedAt: null,
      }),
    }),
    'goal.v1.GoalAgreed': whenFact<GoalRow, GoalAgreed>({
      key: ({ organisationId, data: { goalId } }) => ({ organisationId, goalId }),
      row: (row, { recordedAt, data: { effectiveOn } }) =>
        row && { ...row, agreedOn: effectiveOn ?? null, agreedRecordedAt: recordedAt },
    }),
  },
});
