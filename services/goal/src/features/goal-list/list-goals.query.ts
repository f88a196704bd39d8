import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { DATABASE, type Database } from '@oppi/database';
import {
  cursorOf,
  keyOf,
  Operation,
  organisationId,
  type OutputOf,
  pageCursor,
  pageLimit,
  query,
  uuid,
} from '@oppi/service';
import { z } from 'zod';
import { visibleTo } from '../../read-models/learner-coaches.projection';
import { goalStatus, type GoalSummary, goalSummary, SUMMARY_OF_GOAL } from '../../read-models/goal-summary';

@Operation({
  rpc: 'ListGoals',
  http: 'GET /organisations/:organisationId/goals',
  allow: ['operations', 'coach', 'verifier', 'billing', 'sponsor', 'manager', 'learner', 'integration'],
  own: ['coach', 'learner'],
  summary:
    'Lists goals, a page at a time: a learner the own, a coach those of learners in the own care. Lags a moment behind.',
})
export class ListGoals extends query(
  z.strictObject({
    organisationId,
    status: goalStatus.optional(),
    teamId: uuid.optional(),
    personId: uuid.optional(),
    limit: pageLimit,
    cursor: pageCursor.optional(),
  }),
  z.strictObject({ goals: z.array(goalSummary), nextCursor: z.string().optional() }),
) {}

@QueryHandler(ListGoals)
export class ListGoalsHandler implements IQueryHandler<ListGoals> {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  async execute({ input, caller }: ListGoals): Promise<OutputOf<typeof ListGoals>> {
    const { organisationId, status, teamId, limit, cursor } = input;
    const personId = caller.role === 'learner' ? caller.actorId : input.personId;
    const coachId = caller.role === 'coach' ? caller.actorId : null;
    const filter = [organisationId, status ?? null, teamId ?? null, personId ?? null, coachId] as const;
    const after = cursor === undefined ? null : keyOf(cursor, filter);
    const { rows } = await this.database.query<{ row: GoalSummary }>(
      `select ${SUMMARY_OF_GOAL} as row
       from goal_list g
       where organisation_id = $1 and ($2::text is null or status = $2) and ($3::uuid is null or team_id = $3)
         and ($4::uuid is null or person_id = $4) and ${visibleTo('$5')} and ($6::uuid is null or goal_id > $6)
       order by goal_id limit $7`,
      [...filter, after, limit + 1],
    );
    const goals = rows.slice(0, limit).map(({ row }) => row);
    const last = goals.at(-1);
    return { goals, ...(rows.length > limit && last && { nextCursor: cursorOf(last.goalId, filter) }) };
  }
}
