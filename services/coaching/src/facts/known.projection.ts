import type { OrganisationRegistered, PersonAdded } from '@oppi/contracts/goal/v1/goal_events';
import { whenFact } from '@oppi/intake';
import type { InboxEvent } from '@oppi/messaging';
import { projection } from '@oppi/projections';

type OrganisationRow = { organisationId: string; timeZone: string };
type PersonRow = { organisationId: string; personId: string; addedAt: string };

/** Client organisations that coaching has heard of. */
export const knownOrganisations = projection<OrganisationRow, InboxEvent>({
  table: {
    name: 'known_organisations',
    columns: { organisationId: 'uuid', timeZone: 'text' },
    key: ['organisationId'],
  },
  on: {
    'goal.v1.OrganisationRegistered': whenFact<OrganisationRow, OrganisationRegistered>({
      key: ({ organisationId }) => ({ organisationId }),
      row: (_row, { organisationId, data: { timeZone } }) => ({ organisationId, timeZone }),
    }),
  },
});

/** Persons that coaching has heard of; whether one was erased is the learner's own stream to say. */
export const knownPersons = projection<PersonRow, InboxEvent>({
  table: {
    name: 'known_persons',
    columns: { organisationId: 'uuid', personId: 'uuid', addedAt: 'timestamptz' },
    key: ['organisationId', 'personId'],
  },
  on: {
    'goal.v1.PersonAdded': whenFact<PersonRow, PersonAdded>({
      key: ({ organisationId, data: { personId } }) => ({ organisationId, personId }),
      row: (_row, { organisationId, recordedAt, data: { personId } }) => ({
        organisationId,
        personId,
        addedAt: recordedAt,
      }),
    }),
  },
});
