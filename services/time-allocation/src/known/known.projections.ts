import type { GoalProposed, OrganisationRegistered } from '@oppi/contracts/goal/v1/goal_events';
import { whenFact } from '@oppi/intake';
import type { InboxEvent } from '@oppi/messaging';
import { projection } from '@oppi/projections';

export type OrganisationRow = { organisationId: string; timeZone: string };

const organisations = projection<OrganisationRow, InboxEvent>({
  table: {
    name: 'organisations',
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

export type PersonRow = { organisationId: string; personId: string; erased: boolean };

const personBecomes = (erased: boolean) =>
  whenFact<PersonRow, { personId: string }>({
    key: ({ organisationId, data: { personId } }) => ({ organisationId, personId }),
    row: (_row, { organisationId, data: { personId } }) => ({ organisationId, personId, erased }),
  });

const persons = projection<PersonRow, InboxEvent>({
  table: {
    name: 'persons',
    columns: { organisationId: 'uuid', personId: 'uuid', erased: 'boolean' },
    key: ['organisationId', 'personId'],
  },
  on: { 'goal.v1.PersonAdded': personBecomes(false), 'goal.v1.PersonErased': personBecomes(true) },
});

/** `ended`: it needs no more time. A goal that fell overdue may still be attained, so it does. */
export type GoalRow = {
  organisationId: string;
  goalId: string;
  personId: string | null;
  dueOn: string;
  /** History: nobody plans time for it any more. */
  imported: boolean;
  ended: boolean;
};

const goalBecomes = (ended: boolean) =>
  whenFact<GoalRow, { goalId: string }>({
    key: ({ organisationId, data: { goalId } }) => ({ organisationId, goalId }),
    row: (row) => row && { ...row, ended },
  });

const goals = projection<GoalRow, InboxEvent>({
  table: {
    name: 'goals',
    columns: {
      organisationId: 'uuid',
      goalId: 'uuid',
      personId: 'uuid',
      dueOn: 'date',
      imported: 'boolean',
      ended: 'boolean',
    },
    key: ['organisationId', 'goalId'],
  },
  on: {
    'goal.v1.GoalProposed': whenFact<GoalRow, GoalProposed>({
      key: ({ organisationId, data: { goalId } }) => ({ organisationId, goalId }),
      row: (_row, { organisationId, data: { goalId, personId, dueOn, imported } }) => ({
        organisationId,
        goalId,
        personId: personId ?? null,
        dueOn,
        imported,
        ended: false,
      }),
    }),
    'goal.v1.GoalAttained': goalBecomes(true),
    'goal.v1.AttainmentRevoked': goalBecomes(false),
    'goal.v1.GoalWithdrawn': goalBecomes(true),
    'goal.v1.GoalMissed': goalBecomes(true),
  },
});

/** What is known from goal: folded from the inbox. */
export const knownFromGoal = [organisations, persons, goals] as const;
