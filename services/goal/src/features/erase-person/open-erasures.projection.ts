import type { Recorded } from '@oppi/event-sourcing';
import { projection } from '@oppi/projections';

/** One row per person whose erasure was asked for; those without an end are to be finished. */
export type ErasureRow = { organisationId: string; personId: string; requestedAt: string; isDone: boolean };

const key = (event: Recorded): Partial<ErasureRow> => ({
  organisationId: event.organisationId,
  personId: (event.data as { personId: string }).personId,
});

export const openErasures = projection<ErasureRow, Recorded>({
  table: {
    name: 'erasures',
    columns: { organisationId: 'uuid', personId: 'uuid', requestedAt: 'timestamptz', isDone: 'boolean' },
    key: ['organisationId', 'personId'],
  },
  on: {
    PersonErasureRequested: {
      key,
      row: (_row, event) => ({ ...(key(event) as ErasureRow), requestedAt: event.recordedAt, isDone: false }),
    },
    PersonErased: { key, row: (row) => row && { ...row, isDone: true } },
  },
});
