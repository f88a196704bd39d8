import type { Recorded } from '@oppi/event-sourcing';
import { projection } from '@oppi/projections';
import type { PeriodClosed } from '../domain/books';
import type { StatementIssued } from '../domain/statement';

/** A closed month and its statement; not issued yet while `sha256` is null. `position` is that of the closing. */
export type StatementRow = {
  organisationId: string;
  period: string;
  closedBefore: string | null;
  statementNo: number;
  inboxPosition: string;
  closedAt: string;
  position: string;
  issuedAt: string | null;
  sha256: string | null;
};

const key = ({ organisationId, data }: Recorded) => ({ organisationId, period: (data as { period: string }).period });

/** One row per month that was closed. */
export const statements = projection<StatementRow, Recorded>({
  table: {
    name: 'statements',
    columns: {
      organisationId: 'uuid',
      period: 'text',
      closedBefore: 'text',
      statementNo: 'integer',
      inboxPosition: 'bigint',
      closedAt: 'timestamptz',
      position: 'bigint',
      issuedAt: 'timestamptz',
      sha256: 'text',
    },
    key: ['organisationId', 'period'],
  },
  on: {
    PeriodClosed: {
      key,
      row: (_row, { organisationId, position, data }) => {
        const { period, closedBefore, statementNo, inboxPosition, closedAt } = data as PeriodClosed['data'];
        return {
          organisationId,
          period,
          closedBefore: closedBefore ?? null,
          statementNo,
          inboxPosition,
          closedAt,
          position: position.toString(),
          issuedAt: null,
          sha256: null,
        };
      },
    },
    StatementIssued: {
      key,
      row: (row, { recordedAt, data }) =>
        row && { ...row, issuedAt: recordedAt, sha256: (data as StatementIssued['data']).sha256 },
    },
  },
});
