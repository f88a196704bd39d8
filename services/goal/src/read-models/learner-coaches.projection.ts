import type { Recorded } from '@oppi/event-sourcing';
import { inCare } from '@oppi/learner-coaches';
import { projection } from '@oppi/projections';
import type { LearnersCoachAssigned, LearnersCoachUnassigned } from '../domain/person';

/** One row per assignment of a coach to a learner; it holds while `untilOn` is null. */
export type LearnerCoachRow = {
  organisationId: string;
  personId: string;
  assignmentNo: number;
  coachId: string;
  untilOn: string | null;
};

type Data = (LearnersCoachAssigned | LearnersCoachUnassigned)['data'];

const key = ({ organisationId, data }: Recorded): Partial<LearnerCoachRow> => {
  const { personId, assignmentNo } = data as Data;
  return { organisationId, personId, assignmentNo };
};

export const learnerCoaches = projection<LearnerCoachRow, Recorded>({
  table: {
    name: 'learner_coaches',
    columns: { organisationId: 'uuid', personId: 'uuid', assignmentNo: 'integer', coachId: 'uuid', untilOn: 'date' },
    key: ['organisationId', 'personId', 'assignmentNo'],
  },
  on: {
    LearnersCoachAssigned: {
      key,
      row: (_row, { organisationId, data }) => {
        const { personId, assignmentNo, coachId } = data as Data;
        return { organisationId, personId, assignmentNo, coachId, untilOn: null };
      },
    },
    LearnersCoachUnassigned: {
      key,
      row: (row, { data }) => row && { ...row, untilOn: (data as Data).effectiveOn },
    },
  },
});

/**
 * Whether the reader may see the goal `g`: a coach those of learners in the own care, and those that are no one person's; for
 * every other reader the parameter is null.
 */
export const visibleTo = (coachId: string): string => inCare(coachId, 'g', 'learner_coaches');
