import type { Recorded } from '@oppi/event-sourcing';
import { projection, type Rule } from '@oppi/projections';
import type { TimeShortfallEnded, TimeShortfallFound } from '../../domain/allowance';

/** One row per goal that was ever short of time. */
export type TimeShortfallRow = {
  organisationId: string;
  goalId: string;
  personId: string;
  neededMinutes: number;
  givenMinutes: number;
  promisedMinutes: number;
  dueOn: string;
  foundOn: string;
  open: boolean;
};

const key = ({ organisationId, data }: Recorded): Partial<TimeShortfallRow> => ({
  organisationId,
  goalId: (data as TimeShortfallEnded['data']).goalId,
});

const rules: Record<(TimeShortfallFound | TimeShortfallEnded)['type'], Rule<TimeShortfallRow, Recorded>> = {
  TimeShortfallFound: {
    key,
    row: (_row, { organisationId, data }) => {
      const found = data as TimeShortfallFound['data'];
      const { personId, goalId, neededMinutes, givenMinutes, promisedMinutes, dueOn, on } = found;
      const minutes = { neededMinutes, givenMinutes, promisedMinutes };
      return { organisationId, goalId, personId, ...minutes, dueOn, foundOn: on, open: true };
    },
  },
  TimeShortfallEnded: { key, row: (row) => row && { ...row, open: false } },
};

export const timeShortfalls = projection<TimeShortfallRow, Recorded>({
  table: {
    name: 'time_shortfalls',
    columns: {
      organisationId: 'uuid',
      goalId: 'uuid',
      personId: 'uuid',
      neededMinutes: 'integer',
      givenMinutes: 'integer',
      promisedMinutes: 'integer',
      dueOn: 'date',
      foundOn: 'date',
      open: 'boolean',
    },
    key: ['organisationId', 'goalId'],
  },
  on: rules,
});
