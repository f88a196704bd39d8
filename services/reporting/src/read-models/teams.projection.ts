import type { OrganisationRegistered, TeamDefined } from '@oppi/contracts/goal/v1/goal_events';
import { whenFact } from '@oppi/intake';
import type { InboxEvent } from '@oppi/messaging';
import { projection } from '@oppi/projections';

export type OrganisationRow = { organisationId: string; timeZone: string; currency: string };

/** One row per client organisation. */
export const organisations = projection<OrganisationRow, InboxEvent>({
  table: {
    name: 'organisations',
    columns: { organisationId: 'uuid', timeZone: 'text', currency: 'text' },
    key: ['organisationId'],
  },
  on: {
    'goal.v1.OrganisationRegistered': whenFact<OrganisationRow, OrganisationRegistered>({
      key: ({ organisationId }) => ({ organisationId }),
      row: (_row, { organisationId, data: { timeZone, currency } }) => ({ organisationId, timeZone, currency }),
    }),
  },
});

export type TeamRow = { organisationId: string; teamId: string; name: string; parentTeamId: string | null };

/** One row per team. */
export const teams = projection<TeamRow, InboxEvent>({
  table: {
    name: 'teams',
    columns: { organisationId: 'uuid', teamId: 'uuid', name: 'text', parentTeamId: 'uuid' },
    key: ['organisationId', 'teamId'],
  },
  on: {
    'goal.v1.TeamDefined': whenFact<TeamRow, TeamDefined>({
      key: ({ organisationId, data: { teamId } }) => ({ organisationId, teamId }),
      row: (_row, { organisationId, data: { teamId, name, parentTeamId } }) => ({
        organisationId,
        teamId,
        name,
        parentTeamId: parentTeamId ?? null,
      }),
    }),
  },
});
