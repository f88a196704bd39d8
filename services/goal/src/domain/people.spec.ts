import { specFor } from '@oppi/event-sourcing/testing';
import { organisation, registerOrganisation } from './organisation';
import {
  addPerson,
  confirmErasure,
  joinTeam,
  leaveTeam,
  memberOf,
  person,
  type PersonEvent,
  requestErasure,
} from './person';
import { defineTeam, team } from './team';

const personId = 'p-1';
const wasAdded: PersonEvent = { type: 'PersonAdded', data: { personId } };
const joined = (teamId: string, membershipNo: number, effectiveOn?: string): PersonEvent => ({
  type: 'PersonJoinedTeam',
  data: { personId, teamId, membershipNo, ...(effectiveOn && { effectiveOn }) },
});
const left = (teamId: string, membershipNo: number, effectiveOn: string): PersonEvent => ({
  type: 'PersonLeftTeam',
  data: { personId, teamId, membershipNo, effectiveOn },
});

describe('a person', () => {
  const { given } = specFor(person);

  it('is added once', () => {
    given()
      .when((state) => addPerson(state, personId))
      .then(wasAdded);
    given(wasAdded)
      .when((state) => addPerson(state, personId))
      .thenRefused('person-already-added');
  });
  it('joins several teams, each once at a time', () => {
    given(wasAdded, joined('a', 1, '2026-01-01'))
      .when((state) => joinTeam(state, personId, 'b', '2026-01-01'))
      .then(joined('b', 2, '2026-01-01'));
    given(wasAdded, joined('a', 1, '2026-01-01'))
      .when((state) => joinTeam(state, personId, 'a', '2026-02-01'))
      .thenRefused('person-already-in-team');
  });
  it('joins a team without a date when nobody knows it', () => {
    given(wasAdded)
      .when((state) => joinTeam(state, personId, 'a', undefined))
      .then(joined('a', 1));
    given(wasAdded, joined('a', 1))
      .when((state) => leaveTeam(state, personId, 'a', '2013-01-01'))
      .then(left('a', 1, '2013-01-01'));
  });
  it('leaves on the day of joining at the earliest, and comes back no earlier than that', () => {
    const member = [wasAdded, joined('a', 1, '2026-01-10')];
    given(...member)
      .when((state) => leaveTeam(state, personId, 'a', '2026-01-10'))
      .then(left('a', 1, '2026-01-10'));
    given(...member)
      .when((state) => leaveTeam(state, personId, 'a', '2026-01-09'))
      .thenRefused('membership-ends-before-it-began');
    given(...member)
      .when((state) => leaveTeam(state, personId, 'b', '2026-01-11'))
      .thenRefused('person-not-in-team');
    const gone = [...member, left('a', 1, '2026-02-01')];
    given(...gone)
      .when((state) => joinTeam(state, personId, 'a', '2026-01-31'))
      .thenRefused('membership-overlaps');
    given(...gone)
      .when((state) => joinTeam(state, personId, 'a', '2026-02-01'))
      .then(joined('a', 2, '2026-02-01'));
  });
  it('G7: has goals only under teams that it was in', () => {
    given(wasAdded, joined('a', 1, '2026-01-01'), left('a', 1, '2026-02-01')).thenState((state) => {
      expect(() => memberOf(state, 'a')).not.toThrow();
      expect(() => memberOf(state, undefined)).not.toThrow();
      expect(() => memberOf(state, 'b')).toThrow('never in the team');
    });
  });
  it('I7: is erased in two steps, each once, and does nothing afterwards', () => {
    const requested: PersonEvent = { type: 'PersonErasureRequested', data: { personId } };
    const erased: PersonEvent = { type: 'PersonErased', data: { personId } };
    given(wasAdded)
      .when((state) => requestErasure(state, personId))
      .then(requested);
    given(wasAdded)
      .when((state) => confirmErasure(state, personId))
      .thenNothing();
    given(wasAdded, requested)
      .when((state) => requestErasure(state, personId))
      .thenNothing();
    given(wasAdded, requested)
      .when((state) => confirmErasure(state, personId))
      .then(erased);
    given(wasAdded, requested, erased)
      .when((state) => confirmErasure(state, personId))
      .thenNothing();
    for (const past of [
      [wasAdded, requested],
      [wasAdded, requested, erased],
    ])
      given(...past)
        .when((state) => joinTeam(state, personId, 'a', '2026-01-01'))
        .thenRefused('person-erased');
  });
  it('must be there to be erased', () => {
    given()
      .when((state) => requestErasure(state, personId))
      .thenRefused('person-unknown');
  });
});

describe('a team', () => {
  const { given } = specFor(team);
  const unset = { status: 'unset' } as const;

  it('is defined once, under a parent that is there', () => {
    given()
      .when((state) => defineTeam(state, undefined, 't', { name: 'T' }))
      .then({ type: 'TeamDefined', data: { teamId: 't', name: 'T' } });
    given()
      .when((state) => defineTeam(state, { status: 'defined', name: 'P' }, 't', { name: 'T', parentTeamId: 'p' }))
      .then({ type: 'TeamDefined', data: { teamId: 't', name: 'T', parentTeamId: 'p' } });
    given()
      .when((state) => defineTeam(state, unset, 't', { name: 'T', parentTeamId: 'p' }))
      .thenRefused('team-unknown');
    given({ type: 'TeamDefined', data: { teamId: 't', name: 'T' } })
      .when((state) => defineTeam(state, undefined, 't', { name: 'T' }))
      .thenRefused('team-already-defined');
  });
});

describe('an organisation', () => {
  const { given } = specFor(organisation);
  const terms = { timeZone: 'Europe/Helsinki', currency: 'EUR', graceDays: 14 };

  it('is registered once', () => {
    given()
      .when((state) => registerOrganisation(state, 'o', terms))
      .then({ type: 'OrganisationRegistered', data: { organisationId: 'o', ...terms } });
    given({ type: 'OrganisationRegistered', data: { organisationId: 'o', ...terms } })
      .when((state) => registerOrganisation(state, 'o', terms))
      .thenRefused('organisation-already-registered');
  });
});
