/** A team in its place. */
export type TeamNode = Readonly<{ teamId: string; parentTeamId: string | null; name: string }>;
export type PlacedTeam = TeamNode & Readonly<{ depth: number }>;

/** Teams in reading order: parents before their children, each level by name. */
export const inReadingOrder = (teams: readonly TeamNode[]): PlacedTeam[] => {
  const place = (parent: string | null, depth: number): PlacedTeam[] =>
    teams
      .filter((team) => team.parentTeamId === parent)
      .sort((a, b) => a.name.localeCompare(b.name, 'en'))
      .flatMap((team) => [{ ...team, depth }, ...place(team.teamId, depth + 1)]);
  return place(null, 0);
};

/** A team and all teams below it, by id. Empty when there is no such team. */
export const withTeamsBelow = (teams: readonly TeamNode[], teamId: string): string[] => {
  if (!teams.some((team) => team.teamId === teamId)) return [];
  const below = teams.filter((team) => team.parentTeamId === teamId);
  return [teamId, ...below.flatMap((team) => withTeamsBelow(teams, team.teamId))];
};
