import type { CommitmentAgreed } from '@oppi/contracts/goal/v1/goal_events';
import type { InboxEvent } from '@oppi/messaging';
import { projection } from '@oppi/projections';
import { whenFact } from '@oppi/intake';

/** What was agreed. Price and tax are null where the fact does not tell them, or not so that it can be billed. */
export type CommitmentRow = {
  organisationId: string;
  commitmentId: string;
  name: string;
  promised: number;
  threshold: number;
  dueOn: string;
  priceMinor: string | null;
  currency: string;
  vatRateBasisPoints: number | null;
  agreedOn: string;
  agreedRecordedAt: string;
};

const WHOLE_PRICE = /^[1-9]\d{0,14}$/;

/** One row per commitment that both parties agreed to; before that nothing counts. */
export const commitments = projection<CommitmentRow, InboxEvent>({
  table: {
    name: 'commitments',
    columns: {
      organisationId: 'uuid',
      commitmentId: 'uuid',
      name: 'text',
      promised: 'integer',
      threshold: 'integer',
      dueOn: 'date',
      priceMinor: 'bigint',
      currency: 'text',
      vatRateBasisPoints: 'integer',
      agreedOn: 'date',
      agreedRecordedAt: 'timestamptz',
    },
    key: ['organisationId', 'commitmentId'],
  },
  on: {
    'goal.v1.CommitmentAgreed': whenFact<CommitmentRow, CommitmentAgreed>({
      key: ({ organisationId, data: { commitmentId } }) => ({ organisationId, commitmentId }),
      row: (_row, { organisationId, recordedAt, data }) => ({
        organisationId,
        commitmentId: data.commitmentId,
        name: data.name,
        promised: new Set(data.goalIds).size,
        threshold: data.threshold,
        dueOn: data.dueOn,
        priceMinor: WHOLE_PRICE.test(data.priceMinor) ? data.priceMinor : null,
        currency: data.currency,
        vatRateBasisPoints: data.vatRateBasisPoints ?? null,
        agreedOn: data.effectiveOn,
        agreedRecordedAt: recordedAt,
      }),
    }),
  },
});

export type CommitmentGoalRow = { organisationId: string; commitmentId: string; goalId: string };

/** The frozen lists (rule A2): one row per goal of a commitment. */
export const commitmentGoals = projection<CommitmentGoalRow, InboxEvent>({
  table: {
    name: 'commitment_goals',
    columns: { organisationId: 'uuid', commitmentId: 'uuid', goalId: 'uuid' },
    key: ['organisationId', 'commitmentId', 'goalId'],
  },
  on: {
    'goal.v1.CommitmentAgreed': whenFact<CommitmentGoalRow, CommitmentAgreed>({
      key: ({ organisationId, data: { commitmentId, goalIds } }) =>
        goalIds.map((goalId) => ({ organisationId, commitmentId, goalId })),
      row: (_row, _fact, key) => key as CommitmentGoalRow,
    }),
  },
});
