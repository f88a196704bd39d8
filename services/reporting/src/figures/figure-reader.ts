import { type Database, inSnapshot, type Session } from '@oppi/database';
import { DomainError } from '@oppi/event-sourcing';
import { inCare, requireOwn } from '@oppi/learner-coaches';
import type { ParkedMessages } from '@oppi/messaging';
import type { Caller } from '@oppi/service';
import { add, NO_OUTCOMES, NOBODY, type OutcomeCounts, type OutcomeOrOpen, RULE_VERSION } from '../domain/arithmetic';
import type { Participation } from '../domain/figures';
import { type TeamNode, withTeamsBelow } from '../domain/team-tree';
import { readModels } from '../read-models/read-models';
import type { Basis, Clocks, Scope } from './question';

/** A goal in a figure, and what it counts as. */
export type CountedGoal = Readonly<{
  goalId: string;
  personId: string | null;
  teamId: string | null;
  outcome: OutcomeOrOpen;
}>;
/** Of whom: one person; or of whom a coach has in the own care now, and of nobody in particular. */
type Whose = Readonly<{ personId?: string | undefined; coachId?: string | undefined }>;
/** Counts per team; the team `null` is for goals and memberships under no team. */
export type PerTeam<T> = ReadonlyMap<string | null, T>;

/** All figures of one question, from one snapshot of the read models. */
export class Figures {
  readonly teams: readonly TeamNode[];
  readonly basis: Basis;

  constructor(
    private readonly session: Session,
    private readonly question: Clocks & { organisationId: string },
    known: { teams: readonly TeamNode[]; basis: Basis },
  ) {
    this.teams = known.teams;
    this.basis = known.basis;
  }

  /** A question of another kind, from the same snapshot. */
  ask<T>(question: (session: Session) => Promise<T>): Promise<T> {
    return question(this.session);
  }

  /** Refuses a person who is not the asking learner, nor in the care of the asking coach. */
  requireOwn({ actorId, role }: Caller, { organisationId, personId }: Scope): Promise<void> {
    return requireOwn(this.session, { id: actorId, role }, { organisationId, personId });
  }

  /** Agreed goals by team and outcome. */
  async outcomesPerTeam({ personId, coachId }: Whose = {}): Promise<PerTeam<OutcomeCounts>> {
    const { rows } = await this.session.query<{ team: string | null; outcome: OutcomeOrOpen; n: number }>(
      `${COUNTED} select team_id as team, outcome, count(*)::int as n from counted group by 1, 2`,
      [...this.when(), personId ?? null, coachId ?? null],
    );
    const counts = new Map<string | null, OutcomeCounts>();
    for (const { team, outcome, n } of rows) counts.set(team, { ...(counts.get(team) ?? NO_OUTCOMES), [outcome]: n });
    return counts;
  }

  /** Memberships by team, by whether they began and ended. */
  async participationPerTeam(): Promise<PerTeam<Participation>> {
    const { rows } = await this.session.query<{ team: string; registered: number; left: number }>(
      `select team_id as team, count(*)::int as registered,
              (count(*) filter (where leave_recorded_at <= coalesce($3::timestamptz, 'infinity')
                                  and ($2::date is null or until_on <= $2)))::int as left
       from memberships
       where organisation_id = $1 and join_recorded_at <= coalesce($3::timestamptz, 'infinity')
         and ($2::date is null or from_on <= $2)
       group by 1`,
      this.when(),
    );
    return new Map(rows.map(({ team, registered, left }) => [team, { registered, left, open: registered - left }]));
  }

  /** The goals behind a figure, by id, behind `after`. */
  async goals(
    scope: Scope & Whose,
    outcome: OutcomeOrOpen | undefined,
    after: string | null,
    limit: number,
  ): Promise<CountedGoal[]> {
    const { rows } = await this.session.query<CountedGoal>(
      `${COUNTED} select goal_id as "goalId", person_id as "personId", team_id as "teamId", outcome from counted
       where ($6::uuid[] is null or team_id = any ($6)) and ($7::text is null or outcome = $7) and ($8::uuid is null or goal_id > $8)
       order by goal_id limit $9`,
      [
        ...this.when(),
        scope.personId ?? null,
        scope.coachId ?? null,
        this.teamsOf(scope) ?? null,
        outcome ?? null,
        after,
        limit,
      ],
    );
    return rows;
  }

  /** The sum over a scope's teams. */
  sumOver<T extends Readonly<Record<string, number>>>(scope: Scope, perTeam: PerTeam<T>, nothing: T): T {
    const teams = this.teamsOf(scope);
    return [...perTeam]
      .filter(([team]) => !teams || (team !== null && teams.includes(team)))
      .reduce((sum, [, counts]) => add(sum, counts), nothing);
  }

  async outcomes(scope: Scope & Whose): Promise<OutcomeCounts> {
    return this.sumOver(scope, await this.outcomesPerTeam(scope), NO_OUTCOMES);
  }

  async participation(scope: Scope): Promise<Participation> {
    return this.sumOver(scope, await this.participationPerTeam(), NOBODY);
  }

  private teamsOf({ teamId }: Scope): string[] | undefined {
    if (teamId === undefined) return undefined;
    const teams = withTeamsBelow(this.teams, teamId);
    if (teams.length === 0) throw new DomainError('not-found', 'team-not-found', 'There is no such team.');
    return teams;
  }

  private when(): [string, string | null, string | null] {
    const { organisationId, on, knownAt } = this.question;
    return [organisationId, on ?? null, knownAt ?? null];
  }
}

/*
 * $1 organisation, $2 on, $3 known at, $4 person, $5 coach. An agreed goal counts as the last of its outcomes that hold on $2 as known
 * at $3. Without $2 every date is fine, also an unknown one; with it an unknown date (null) compares to nothing and is out.
 */
const COUNTED = `
  with counted as (
    select g.goal_id, g.person_id, g.team_id, coalesce(o.outcome, 'open') as outcome
    from goals g
    left join lateral (
      select o.outcome from goal_outcomes o
      where o.organisation_id = g.organisation_id and o.goal_id = g.goal_id
        and o.recorded_at <= coalesce($3::timestamptz, 'infinity') and ($2::date is null or o.effective_on <= $2)
        and not coalesce(o.revoked_recorded_at <= coalesce($3::timestamptz, 'infinity')
                         and ($2::date is null or o.revoked_on <= $2), false)
      order by o.outcome_no desc limit 1) o on true
    where g.organisation_id = $1 and g.agreed_recorded_at <= coalesce($3::timestamptz, 'infinity')
      and ($2::date is null or g.agreed_on <= $2) and ($4::uuid is null or g.person_id = $4) and ${inCare('$5', 'g')})`;

type Known = Readonly<{ teams: readonly TeamNode[]; position: string }>;

const TABLES = readModels.map(({ table }) => table.name);

// One round trip for what every figure needs: whether there is such an organisation, its teams, and up to where all is known.
const KNOWN = `
  select coalesce((
           select json_agg(json_build_object('teamId', team_id, 'parentTeamId', parent_team_id, 'name', name))
           from teams where organisation_id = o.organisation_id), '[]') as teams,
         (select coalesce(min(position), 0)::text from projection_checkpoints where projection = any ($2)) as position
  from organisations o where organisation_id = $1`;

/** Reads figures, each question from one snapshot, so that its numbers fit each other and its position. */
export class FigureReader {
  constructor(
    private readonly database: Database,
    private readonly parked: ParkedMessages,
  ) {}

  /** Throws `organisation-not-found` when reporting has not heard of it. */
  async read<T>(organisationId: string, clocks: Clocks, work: (figures: Figures) => Promise<T>): Promise<T> {
    const parkedMessages = await this.parked.count(organisationId);
    return inSnapshot(this.database, async (session) => {
      const known = await session.query<Known>({
        name: 'figures-known',
        text: KNOWN,
        values: [organisationId, TABLES],
      });
      const [found] = known.rows;
      if (!found)
        throw new DomainError('not-found', 'organisation-not-found', 'There is no such organisation, or not yet.');
      const basis: Basis = {
        ...(clocks.on && { on: clocks.on }),
        ...(clocks.knownAt && { knownAt: clocks.knownAt }),
        inboxPosition: found.position,
        ruleVersion: RULE_VERSION,
        complete: parkedMessages === 0,
        parkedMessages,
      };
      return work(new Figures(session, { organisationId, ...clocks }, { teams: found.teams, basis }));
    });
  }
}
