import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { DATABASE, type Database } from '@oppi/database';
import {
  cursorOf,
  keyOf,
  localDate,
  Operation,
  organisationId,
  type OutputOf,
  pageCursor,
  pageLimit,
  query,
  uuid,
  version,
} from '@oppi/service';
import { z } from 'zod';

const status = z.enum(['proposed', 'agreed', 'overdue', 'attained', 'missed', 'withdrawn']);
const summary = z
  .strictObject({
    goalId: uuid,
    status,
    personId: uuid.optional(),
    teamId: uuid.optional(),
    dueOn: localDate,
    version,
  })
  .meta({ id: 'GoalSummary' });

@Operation({
  rpc: 'ListGoals',
  http: 'GET /organisations/:organisationId/goals',
  allow: ['operations', 'coach', 'verifier', 'billing', 'sponsor', 'manager', 'learner', 'integration'],
  summary: 'Lists goals, a page at a time. A learner sees only own goals. Lags a moment behind the commands.',
})
export class ListGoals extends query(
  z.strictObject({
    organisationId,
    status: status.optional(),
    teamId: uuid.optional(),
    personId: uuid.optional(),
    limit: pageLimit,
    cursor: pageCursor.optional(),
  }),
  z.strictObject({ goals: z.array(summary), nextCursor: z.string().optional() }),
) {}

type Row = z.output<typeof summary>;

@QueryHandler(ListGoals)
export class ListGoalsHandler implements IQueryHandler<ListGoals> {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  async execute({ input, caller }: ListGoals): Promise<OutputOf<typeof ListGoals>> {
    const { organisationId, status, teamId, limit, cursor } = input;
    const personId = caller.role === 'learner' ? caller.actorId : input.personId;
    const filter = [organisationId, status ?? null, teamId ?? null, personId ?? null] as const;
    const after = cursor === undefined ? null : keyOf(cursor, filter);
    const { rows } = await this.database.query<{ row: Row }>(
      `select json_strip_nulls(json_build_object('goalId', goal_id, 'status', status, 'personId', person_id, 'teamId', team_id,
                'dueOn', due_on, 'version', version)) as row
       from goal_list
       where organisation_id = $1 and ($2::text is null or status = $2) and ($3::uuid is null or team_id = $3)
         and ($4::uuid is null or person_id = $4) and ($5::uuid is null or goal_id > $5)
       order by goal_id limit $6`,
      [...filter, after, limit + 1],
    );
    const goals = rows.slice(0, limit).map(({ row }) => row);
    const last = goals.at(-1);
    return { goals, ...(rows.length > limit && last && { nextCursor: cursorOf(last.goalId, filter) }) };
  }
}
