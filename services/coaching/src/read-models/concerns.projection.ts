import type { Recorded } from '@oppi/event-sourcing';
import { projection } from '@oppi/projections';
import type { ConcernClosed, ConcernOwnerChanged, ConcernRaised } from '../domain/concern';

/** One row per concern; open while `outcome` is null. */
export type ConcernRow = {
  organisationId: string;
  personId: string;
  concernId: string;
  kind: string;
  goalId: string | null;
  ownerId: string | null;
  dueAt: string;
  raisedAt: string;
  outcome: string | null;
  closedAt: string | null;
};

type Log = Recorded;

const key = ({ organisationId, data }: Log): Partial<ConcernRow> => {
  const { personId, concernId } = data as ConcernRaised['data'];
  return { organisationId, personId, concernId };
};

export const concernList = projection<ConcernRow, Log>({
  table: {
    name: 'concerns',
    columns: {
      organisationId: 'uuid',
      personId: 'uuid',
      concernId: 'uuid',
      kind: 'text',
      goalId: 'uuid',
      ownerId: 'uuid',
      dueAt: 'timestamptz',
      raisedAt: 'timestamptz',
      outcome: 'text',
      closedAt: 'timestamptz',
    },
    key: ['organisationId', 'personId', 'concernId'],
  },
  on: {
    ConcernRaised: {
      key,
      row: (_row, { organisationId, data }) => {
        const { personId, concernId, kind, goalId, ownerId, dueAt, raisedAt } = data as ConcernRaised['data'];
        const ids = { organisationId, personId, concernId, goalId: goalId ?? null, ownerId: ownerId ?? null };
        return { ...ids, kind, dueAt, raisedAt, outcome: null, closedAt: null };
      },
    },
    ConcernOwnerChanged: {
      key,
      row: (row, { data }) => row && { ...row, ownerId: (data as ConcernOwnerChanged['data']).ownerId ?? null },
    },
    ConcernClosed: {
      key,
      row: (row, { data }) => {
        const { outcome, closedAt } = data as ConcernClosed['data'];
        return row && { ...row, outcome, closedAt };
      },
    },
  },
});
