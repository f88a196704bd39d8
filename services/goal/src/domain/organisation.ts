import { type Decider, DomainError, type Event } from '@oppi/event-sourcing';

/** `graceDays`: how long after the due date a decision on a goal may still come (rule G21). */
export type OrganisationTerms = Readonly<{ timeZone: string; currency: string; graceDays: number }>;
export type OrganisationRegistered = Event<'OrganisationRegistered', OrganisationTerms & { organisationId: string }>;
export type OrganisationEvent = OrganisationRegistered;

export type Organisation = { status: 'unset' } | { status: 'registered'; terms: OrganisationTerms };

export const organisation: Decider<Organisation, OrganisationEvent> = {
  initial: { status: 'unset' },
  evolve: (_state, { data: { timeZone, currency, graceDays } }) => ({
    status: 'registered',
    terms: { timeZone, currency, graceDays },
  }),
};

export const organisationStream = (organisationId: string): string => `organisation-${organisationId}`;

export const registerOrganisation = (
  state: Organisation,
  organisationId: string,
  { timeZone, currency, graceDays }: OrganisationTerms,
): OrganisationEvent[] => {
  if (state.status !== 'unset')
    throw new DomainError('conflict', 'organisation-already-registered', 'This organisation is already registered.');
  return [{ type: 'OrganisationRegistered', data: { organisationId, timeZone, currency, graceDays } }];
};

/** The terms of an organisation that must exist; every other decision starts here. */
export const registered = (state: Organisation): OrganisationTerms => {
  if (state.status === 'unset')
    throw new DomainError('not-found', 'organisation-not-found', 'There is no such organisation.');
  return state.terms;
};
