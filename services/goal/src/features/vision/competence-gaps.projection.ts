import type { Recorded } from '@oppi/event-sourcing';
import { projection } from '@oppi/projections';
import type { GapFound } from '../../domain/gap';

/** One row per competence gap. */
export type GapRow = {
  organisationId: string;
  gapId: string;
  competence: string;
  teamId: string | null;
  /** Null: not assessed, which is not zero (rule K6). */
  currentLevel: number | null;
  targetLevel: number;
  route: string;
  core: boolean;
};

const found = (event: Recorded): GapFound['data'] => event.data as GapFound['data'];

export const competenceGaps = projection<GapRow, Recorded>({
  table: {
    name: 'competence_gaps',
    columns: {
      organisationId: 'uuid',
      gapId: 'uuid',
      competence: 'text',
      teamId: 'uuid',
      currentLevel: 'integer',
      targetLevel: 'integer',
      route: 'text',
      core: 'boolean',
    },
    key: ['organisationId', 'gapId'],
  },
  on: {
    GapFound: {
      key: (event) => ({ organisationId: event.organisationId, gapId: found(event).gapId }),
      row: (_row, event) => {
        const { gapId, competence, teamId, currentLevel, targetLevel, route, core } = found(event);
        const { organisationId } = event;
        const known = { teamId: teamId ?? null, currentLevel: currentLevel ?? null };
        return { organisationId, gapId, competence, ...known, targetLevel, route, core };
      },
    },
  },
});
