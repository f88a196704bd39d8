import type { Recorded } from '@oppi/event-sourcing';
import { projection, type Rule } from '@oppi/projections';
import type { CheckInEvent } from '../domain/check-in';

/** One row per check-in. What was said lies in the content vault. */
export type CheckInRow = {
  organisationId: string;
  personId: string;
  checkInId: string;
  heldOn: string;
  skipped: boolean;
};

type Log = Recorded;

const row = (skipped: boolean): Rule<CheckInRow, Log> => ({
  key: ({ organisationId, data }) => {
    const { personId, checkInId } = data as CheckInEvent['data'];
    return { organisationId, personId, checkInId };
  },
  row: (_row, { organisationId, data }) => {
    const { personId, checkInId, effectiveOn } = data as CheckInEvent['data'];
    return { organisationId, personId, checkInId, heldOn: effectiveOn, skipped };
  },
});

export const checkIns = projection<CheckInRow, Log>({
  table: {
    name: 'check_ins',
    columns: { organisationId: 'uuid', personId: 'uuid', checkInId: 'uuid', heldOn: 'date', skipped: 'boolean' },
    key: ['organisationId', 'personId', 'checkInId'],
  },
  on: { CheckInRecorded: row(false), CheckInSkipped: row(true) },
});
