import type { CoachAssigned, CoachUnassigned } from '@oppi/contracts/coaching/v1/coaching_events';
import type { InboxEvent } from '@oppi/messaging';
import { projection } from '@oppi/projections';
import { whenFact } from '@oppi/intake';

/** Who coached whom from when; `untilOn` is the first day without, null while it lasts. */
export type CoachAssignmentRow = {
  organisationId: string;
  personId: string;
  assignmentNo: number;
  coachId: string;
  fromOn: string;
  untilOn: string | null;
};

type OnAssignment = { organisationId: string; data: { personId: string; assignmentNo: number } };
const key = ({ organisationId, data: { personId, assignmentNo } }: OnAssignment) => ({
  organisationId,
  personId,
  assignmentNo,
});

/** One row per assignment of a coach. */
export const coachAssignments = projection<CoachAssignmentRow, InboxEvent>({
  table: {
    name: 'coach_assignments',
    columns: {
      organisationId: 'uuid',
      personId: 'uuid',
      assignmentNo: 'integer',
      coachId: 'uuid',
      fromOn: 'date',
      untilOn: 'date',
    },
    key: ['organisationId', 'personId', 'assignmentNo'],
  },
  on: {
    'coaching.v1.CoachAssigned': whenFact<CoachAssignmentRow, CoachAssigned>({
      key,
      row: (_row, { organisationId, data: { personId, assignmentNo, coachId, effectiveOn } }) => ({
        organisationId,
        personId,
        assignmentNo,
        coachId,
        fromOn: effectiveOn,
        untilOn: null,
      }),
    }),
    'coaching.v1.CoachUnassigned': whenFact<CoachAssignmentRow, CoachUnassigned>({
      key,
      row: (row, { data: { effectiveOn } }) => row && { ...row, untilOn: effectiveOn },
    }),
  },
});
