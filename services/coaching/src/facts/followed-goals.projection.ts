import type { GoalProposed } from '@oppi/contracts/goal/v1/goal_events';
import { whenFact } from '@oppi/intake';
import type { InboxEvent } from '@oppi/messaging';
import { projection, type Rule } from '@oppi/projections';

/** A goal as coaching follows it. `movedOn`: the last day something was done; the day of agreement before that. */
export type FollowedGoalRow = {
  organisationId: string;
  goalId: string;
  personId: string | null;
  status: 'proposed' | 'open' | 'ended';
  movedOn: string | null;
  /** History: nobody is worried about it any more. */
  imported: boolean;
};

type Row = FollowedGoalRow;
type OnGoal = { goalId: string };

const key = ({ organisationId, data }: { organisationId: string; data: OnGoal }): Partial<Row> => ({
  organisationId,
  goalId: data.goalId,
});

const later = (a: string | null, b: string): string => (a !== null && a > b ? a : b);

const moves: Rule<Row, InboxEvent> = whenFact<Row, OnGoal & { effectiveOn: string }>({
  key,
  row: (row, { data }) => row && { ...row, movedOn: later(row.movedOn, data.effectiveOn) },
});

const ends: Rule<Row, InboxEvent> = whenFact<Row, OnGoal>({ key, row: (row) => row && { ...row, status: 'ended' } });

/** From here it is open. Without a day of its own the day we learnt it counts, in UTC: a day more or less does no harm. */
const opens: Rule<Row, InboxEvent> = whenFact<Row, OnGoal & { effectiveOn?: string | undefined }>({
  key,
  row: (row, { recordedAt, data }) =>
    row && { ...row, status: 'open', movedOn: later(row.movedOn, data.effectiveOn ?? recordedAt.slice(0, 10)) },
});

export const followedGoals = projection<Row, InboxEvent>({
  table: {
    name: 'followed_goals',
    columns: {
      organisationId: 'uuid',
      goalId: 'uuid',
      personId: 'uuid',
      status: 'text',
      movedOn: 'date',
      imported: 'boolean',
    },
    key: ['organisationId', 'goalId'],
  },
  on: {
    'goal.v1.GoalProposed': whenFact<Row, GoalProposed>({
      key,
      row: (_row, { organisationId, data: { goalId, personId, imported } }) => ({
        organisationId,
        goalId,
        personId: personId ?? null,
        status: 'proposed',
        movedOn: null,
        imported,
      }),
    }),
    'goal.v1.GoalAgreed': opens,
    'goal.v1.ActivityDone': moves,
    'goal.v1.ProgressReported': moves,
    'goal.v1.EvidenceSubmitted': moves,
    'goal.v1.GoalAttained': ends,
    'goal.v1.GoalWithdrawn': ends,
    'goal.v1.GoalMissed': ends,
    'goal.v1.AttainmentRevoked': opens,
  },
});
