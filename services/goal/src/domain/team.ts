import { type Decider, DomainError, type Event } from '@oppi/event-sourcing';

export type TeamTerms = Readonly<{ name: string; parentTeamId?: string | undefined }>;
export type TeamDefined = Event<'TeamDefined', TeamTerms & { teamId: string }>;
export type TeamEvent = TeamDefined;

export type Team = { status: 'unset' } | { status: 'defined'; name: string };

export const team: Decider<Team, TeamEvent> = {
  initial: { status: 'unset' },
  evolve: (_state, { data: { name } }) => ({ status: 'defined', name }),
};

export const teamStream = (teamId: string): string => `team-${teamId}`;

/** A parent must be there first, so the teams of an organisation are a forest: no team is above itself. */
export const defineTeam = (state: Team, parent: Team | undefined, teamId: string, terms: TeamTerms): TeamEvent[] => {
  if (state.status !== 'unset')
    throw new DomainError('conflict', 'team-already-defined', 'This team is already defined.');
  if (parent) defined(parent);
  const { name, parentTeamId } = terms;
  return [{ type: 'TeamDefined', data: { teamId, name, ...(parentTeamId && { parentTeamId }) } }];
};

/** Refuses a reference to a team that is not there. */
export const defined = (state: Team): void => {
  if (state.status === 'unset')
    throw new DomainError('refused', 'team-unknown', 'There is no such team. Define it first.');
};
