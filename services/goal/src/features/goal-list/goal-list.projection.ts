import { addDays, type Recorded } from '@oppi/event-sourcing';
import { projection, type Rule } from '@oppi/projections';
import type { GoalStatus } from '../../domain/goal';
import type { GoalEvent } from '../../domain/goal.events';

/** One row per goal: what a list shows and what the clock looks for. Dates are text, YYYY-MM-DD. */
export type GoalRow = {
  organisationId: string;
  goalId: string;
  personId: string | null;
  teamId: string | null;
  gapId: string | null;
  status: GoalStatus;
  dueOn: string;
  /** The day after which the clock acts; null when it leaves the goal alone. */
  clockOn: string | null;
  timeZone: string;
  graceDays: number;
  imported: boolean;
  version: number;
};

type Log = Recorded;
const key = (event: Log): Partial<GoalRow> => ({
  organisationId: event.organisationId,
  goalId: (event.data as { goalId: string }).goalId,
});

const becomes = (status: GoalStatus): Rule<GoalRow, Log> => ({
  key,
  row: (row, { version }) => row && { ...row, status, version, clockOn: clockOn(row, status) },
});

// The local day after which the clock has something to do: nothing on goals that ended and on history.
const clockOn = ({ dueOn, graceDays, imported }: GoalRow, status: GoalStatus): string | null => {
  if (imported) return null;
  if (status === 'agreed') return dueOn;
  return status === 'overdue' ? addDays(dueOn, graceDays) : null;
};

const onlyVersion: Rule<GoalRow, Log> = { key, row: (row, { version }) => row && { ...row, version } };

const rules: Record<GoalEvent['type'], Rule<GoalRow, Log>> = {
  GoalProposed: {
    key,
    row: (_row, event) => {
      const { goalId, personId, teamId, gapId, dueOn, timeZone, graceDays, imported } = event.data as Extract<
        GoalEvent,
        { type: 'GoalProposed' }
      >['data'];
      const { organisationId, version } = event;
      const subject = { personId: personId ?? null, teamId: teamId ?? null, gapId: gapId ?? null };
      return {
        organisationId,
        goalId,
        ...subject,
        status: 'proposed',
        dueOn,
        clockOn: null,
        timeZone,
        graceDays,
        imported,
        version,
      };
    },
  },
  GoalAgreementGiven: onlyVersion,
  GoalAgreed: becomes('agreed'),
  GoalPromised: onlyVersion,
  ActivityDone: onlyVersion,
  ProgressReported: onlyVersion,
  EvidenceSubmitted: onlyVersion,
  EvidenceAccepted: onlyVersion,
  EvidenceReferred: onlyVersion,
  EvidenceRejected: onlyVersion,
  EvidenceVoided: onlyVersion,
  GoalAttained: becomes('attained'),
  AttainmentRevoked: becomes('agreed'),
  GoalWithdrawn: becomes('withdrawn'),
  GoalFellOverdue: becomes('overdue'),
  GoalMissed: becomes('missed'),
};

export const goalList = projection<GoalRow, Log>({
  table: {
    name: 'goal_list',
    columns: {
      organisationId: 'uuid',
      goalId: 'uuid',
      personId: 'uuid',
      teamId: 'uuid',
      gapId: 'uuid',
      status: 'text',
      dueOn: 'date',
      clockOn: 'date',
      timeZone: 'text',
      graceDays: 'integer',
      imported: 'boolean',
      version: 'integer',
    },
    key: ['organisationId', 'goalId'],
  },
  on: rules,
});
