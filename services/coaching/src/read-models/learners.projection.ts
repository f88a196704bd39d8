import type { Recorded } from '@oppi/event-sourcing';
import { projection, type Rule } from '@oppi/projections';
import type { CoachAssigned, CoachUnassigned } from '../domain/learner';

/** One row per learner who was ever coached, for the load of coaches. */
export type LearnerRow = { organisationId: string; personId: string; coachId: string | null };

type Log = Recorded;
type Data = (CoachAssigned | CoachUnassigned)['data'];

const becomes = (coach: (data: Data) => string | null): Rule<LearnerRow, Log> => ({
  key: ({ organisationId, data }) => ({ organisationId, personId: (data as Data).personId }),
  row: (_row, { organisationId, data }) => ({
    organisationId,
    personId: (data as Data).personId,
    coachId: coach(data as Data),
  }),
});

export const learners = projection<LearnerRow, Log>({
  table: {
    name: 'learners',
    columns: { organisationId: 'uuid', personId: 'uuid', coachId: 'uuid' },
    key: ['organisationId', 'personId'],
  },
  on: { CoachAssigned: becomes(({ coachId }) => coachId), CoachUnassigned: becomes(() => null) },
});
