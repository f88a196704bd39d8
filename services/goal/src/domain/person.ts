import { type Decider, DomainError, type Event } from '@oppi/event-sourcing';

/** `membershipNo` counts this person's memberships from 1. No `effectiveOn`: nobody knows since when. */
export type PersonAdded = Event<'PersonAdded', { personId: string }>;
export type PersonJoinedTeam = Event<
  'PersonJoinedTeam',
  { personId: string; teamId: string; membershipNo: number; effectiveOn?: string }
>;
export type PersonLeftTeam = Event<
  'PersonLeftTeam',
  { personId: string; teamId: string; membershipNo: number; effectiveOn: string }
>;
/** Coaching's word on who coaches the learner; `assignmentNo` is coaching's. `effectiveOn` of an end is the first day without. */
export type LearnersCoachAssigned = Event<
  'LearnersCoachAssigned',
  { personId: string; coachId: string; assignmentNo: number; effectiveOn: string }
>;
export type LearnersCoachUnassigned = Event<'LearnersCoachUnassigned', LearnersCoachAssigned['data']>;
export type PersonErasureRequested = Event<'PersonErasureRequested', { personId: string }>;
export type PersonErased = Event<'PersonErased', { personId: string }>;
export type PersonEvent =
  | PersonAdded
  | PersonJoinedTeam
  | PersonLeftTeam
  | LearnersCoachAssigned
  | LearnersCoachUnassigned
  | PersonErasureRequested
  | PersonErased;

/** Half-open: `untilOn` is the first day out. */
export type Membership = Readonly<{ teamId: string; no: number; fromOn?: string; untilOn?: string }>;
export type Coaching = Readonly<{ coachId: string; no: number; fromOn: string; untilOn?: string }>;
export type SetPerson = Readonly<{
  status: 'known' | 'being-erased' | 'erased';
  memberships: readonly Membership[];
  coaches: readonly Coaching[];
}>;
export type Person = { status: 'unset' } | SetPerson;

export const person: Decider<Person, PersonEvent> = {
  initial: { status: 'unset' },
  evolve: (state, event) => {
    const before = state.status === 'unset' ? { status: 'known' as const, memberships: [], coaches: [] } : state;
    switch (event.type) {
      case 'PersonAdded':
        return before;
      case 'PersonJoinedTeam':
      case 'PersonLeftTeam':
        return { ...before, memberships: membershipsAfter(before.memberships, event) };
      case 'LearnersCoachAssigned':
      case 'LearnersCoachUnassigned':
        return { ...before, coaches: coachesAfter(before.coaches, event) };
      case 'PersonErasureRequested':
        return { ...before, status: 'being-erased' };
      case 'PersonErased':
        return { ...before, status: 'erased' };
    }
  },
};

const membershipsAfter = (
  memberships: readonly Membership[],
  { type, data: { teamId, membershipNo, effectiveOn } }: PersonJoinedTeam | PersonLeftTeam,
): readonly Membership[] =>
  type === 'PersonJoinedTeam'
    ? [...memberships, { teamId, no: membershipNo, ...(effectiveOn && { fromOn: effectiveOn }) }]
    : memberships.map((each) => (each.no === membershipNo ? { ...each, untilOn: String(effectiveOn) } : each));

const coachesAfter = (
  coaches: readonly Coaching[],
  { type, data: { coachId, assignmentNo, effectiveOn } }: LearnersCoachAssigned | LearnersCoachUnassigned,
): readonly Coaching[] =>
  type === 'LearnersCoachAssigned'
    ? [...coaches, { coachId, no: assignmentNo, fromOn: effectiveOn }]
    : coaches.map((each) => (each.no === assignmentNo ? { ...each, untilOn: effectiveOn } : each));

export const personStream = (personId: string): string => `person-${personId}`;

export const addPerson = (state: Person, personId: string): PersonEvent[] => {
  if (state.status !== 'unset')
    throw new DomainError('conflict', 'person-already-added', 'This person is already there.');
  return [{ type: 'PersonAdded', data: { personId } }];
};

/** `effectiveOn` undefined: a membership from history whose beginning nobody knows. */
export const joinTeam = (
  state: Person,
  personId: string,
  teamId: string,
  effectiveOn: string | undefined,
): PersonEvent[] => {
  const memberships = present(state);
  const before = memberships.filter((each) => each.teamId === teamId).at(-1);
  if (before && before.untilOn === undefined)
    throw new DomainError('conflict', 'person-already-in-team', 'This person is in the team already.');
  if (before?.untilOn !== undefined && effectiveOn !== undefined && effectiveOn < before.untilOn)
    throw new DomainError(
      'refused',
      'membership-overlaps',
      'The earlier membership in this team had not ended by then.',
    );
  const membershipNo = memberships.length + 1;
  return [{ type: 'PersonJoinedTeam', data: { personId, teamId, membershipNo, ...(effectiveOn && { effectiveOn }) } }];
};

/** Leaving on the day of joining is fine: a membership of no days. */
export const leaveTeam = (state: Person, personId: string, teamId: string, effectiveOn: string): PersonEvent[] => {
  const current = present(state).find((each) => each.teamId === teamId && each.untilOn === undefined);
  if (!current) throw new DomainError('refused', 'person-not-in-team', 'This person is not in the team.');
  if (current.fromOn !== undefined && effectiveOn < current.fromOn)
    throw new DomainError('refused', 'membership-ends-before-it-began', 'The membership began later than that.');
  return [{ type: 'PersonLeftTeam', data: { personId, teamId, membershipNo: current.no, effectiveOn } }];
};

/** First of two steps: from here on the person is in no new thing; the keys are destroyed between the two (rule I7). */
export const requestErasure = (state: Person, personId: string): PersonEvent[] => {
  if (state.status === 'being-erased' || state.status === 'erased') return [];
  present(state);
  return [{ type: 'PersonErasureRequested', data: { personId } }];
};

/** Second step, only once the keys are gone. */
export const confirmErasure = (state: Person, personId: string): PersonEvent[] =>
  state.status === 'being-erased' ? [{ type: 'PersonErased', data: { personId } }] : [];

/** A goal names the membership it counts under, so its learner must be or have been in that team (rule G7). */
export const memberOf = (state: Person, teamId: string | undefined): void => {
  const memberships = present(state);
  if (teamId !== undefined && !memberships.some((each) => each.teamId === teamId))
    throw new DomainError(
      'refused',
      'person-not-in-team',
      'This person was never in the team. Add the membership first.',
    );
};

const present = (state: Person): readonly Membership[] => {
  if (state.status === 'unset')
    throw new DomainError('refused', 'person-unknown', 'There is no such person. Add the person first.');
  if (state.status !== 'known')
    throw new DomainError('refused', 'person-erased', 'This person was erased; nothing new can be recorded.');
  return state.memberships;
};
