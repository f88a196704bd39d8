import type { Recorded } from '@oppi/event-sourcing';
import { projection, type Rule } from '@oppi/projections';
import type { EntryStatus, TimeLogEvent } from '../../domain/time-log';

/** One row per entry. */
export type TimeEntryRow = {
  organisationId: string;
  personId: string;
  loggedOn: string;
  entryId: string;
  goalId: string;
  minutes: number;
  status: EntryStatus;
};

type Entry = { personId: string; on: string; entryId: string; goalId: string };
const keyOf = ({ organisationId, data }: Recorded): Omit<TimeEntryRow, 'minutes' | 'status'> => {
  const { personId, on, entryId, goalId } = data as Entry;
  return { organisationId, personId, loggedOn: on, entryId, goalId };
};

const pendingWith: Rule<TimeEntryRow, Recorded> = {
  key: keyOf,
  row: (_row, event) => ({ ...keyOf(event), minutes: (event.data as { minutes: number }).minutes, status: 'pending' }),
};

const becomes = (status: EntryStatus): Rule<TimeEntryRow, Recorded> => ({
  key: keyOf,
  row: (row) => row && { ...row, status },
});

const rules: Record<TimeLogEvent['type'], Rule<TimeEntryRow, Recorded>> = {
  TimeLogged: pendingWith,
  TimeCorrected: pendingWith,
  TimeConfirmed: becomes('confirmed'),
  TimeRejected: becomes('rejected'),
};

export const timeEntries = projection<TimeEntryRow, Recorded>({
  table: {
    name: 'time_entries',
    columns: {
      organisationId: 'uuid',
      personId: 'uuid',
      loggedOn: 'date',
      entryId: 'uuid',
      goalId: 'uuid',
      minutes: 'integer',
      status: 'text',
    },
    key: ['organisationId', 'personId', 'loggedOn', 'entryId'],
  },
  on: rules,
});
