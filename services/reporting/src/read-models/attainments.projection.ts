import type { AttainmentRevoked, GoalAttained } from '@oppi/contracts/goal/v1/goal_events';
import type { InboxEvent } from '@oppi/messaging';
import { projection } from '@oppi/projections';
import { whenFact } from '@oppi/intake';

/** What billing has to know of an attainment. `evidenceIds` are joined by commas: a column of lists cannot be written at once. */
export type AttainmentRow = {
  organisationId: string;
  goalId: string;
  outcomeNo: number;
  effectiveOn: string;
  eventId: string;
  correlationId: string;
  evidenceIds: string;
  revokedEventId: string | null;
  revokedCorrelationId: string | null;
  revokedRecordedAt: string | null;
};

type OnOutcome = { organisationId: string; data: { goalId: string; outcomeNo: number } };
const key = ({ organisationId, data: { goalId, outcomeNo } }: OnOutcome) => ({ organisationId, goalId, outcomeNo });

/** One row per attainment, revoked or not. */
export const attainments = projection<AttainmentRow, InboxEvent>({
  table: {
    name: 'attainments',
    columns: {
      organisationId: 'uuid',
      goalId: 'uuid',
      outcomeNo: 'integer',
      effectiveOn: 'date',
      eventId: 'uuid',
      correlationId: 'text',
      evidenceIds: 'text',
      revokedEventId: 'uuid',
      revokedCorrelationId: 'text',
      revokedRecordedAt: 'timestamptz',
    },
    key: ['organisationId', 'goalId', 'outcomeNo'],
  },
  on: {
    'goal.v1.GoalAttained': whenFact<AttainmentRow, GoalAttained>({
      key,
      row: (_row, { organisationId, eventId, correlationId, data }) => ({
        organisationId,
        goalId: data.goalId,
        outcomeNo: data.outcomeNo,
        effectiveOn: data.effectiveOn,
        eventId,
        correlationId,
        evidenceIds: [...data.evidenceIds].sort().join(','),
        revokedEventId: null,
        revokedCorrelationId: null,
        revokedRecordedAt: null,
      }),
    }),
    'goal.v1.AttainmentRevoked': whenFact<AttainmentRow, AttainmentRevoked>({
      key,
      // The first one counts: a revocation that is told twice is one (rule E6).
      row: (row, { eventId, correlationId, recordedAt }) =>
        row && row.revokedEventId === null
          ? { ...row, revokedEventId: eventId, revokedCorrelationId: correlationId, revokedRecordedAt: recordedAt }
          : undefined,
    }),
  },
});
