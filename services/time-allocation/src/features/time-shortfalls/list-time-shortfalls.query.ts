import { Inject } from '@nestjs/common';
import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DATABASE, type Database } from '@oppi/database';
import { inCare } from '@oppi/learner-coaches';
import { cursorOf, keyOf, Operation, organisationId, type OutputOf, pageCursor, pageLimit, query } from '@oppi/service';
import { z } from 'zod';
import { OPEN_SHORTFALLS, SHORTFALL_JSON, type TimeShortfallView, timeShortfallView } from './time-shortfall-view';

@Operation({
  rpc: 'ListTimeShortfalls',
  http: 'GET /organisations/:organisationId/time-shortfalls',
  allow: ['operations', 'coach', 'sponsor', 'manager', 'integration'],
  own: ['coach'],
  summary:
    'Lists goals short of minutes, the earliest due first; a coach those of learners in the own care. Lags a moment behind.',
})
export class ListTimeShortfalls extends query(
  z.strictObject({ organisationId, limit: pageLimit, cursor: pageCursor.optional() }),
  z.strictObject({ shortfalls: z.array(timeShortfallView), nextCursor: z.string().optional() }),
) {}

@QueryHandler(ListTimeShortfalls)
export class ListTimeShortfallsHandler implements IQueryHandler<ListTimeShortfalls> {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  async execute({ input, caller }: ListTimeShortfalls): Promise<OutputOf<typeof ListTimeShortfalls>> {
    const { organisationId, limit, cursor } = input;
    const coachId = caller.role === 'coach' ? caller.actorId : null;
    const question = [organisationId, 'time-shortfalls', coachId];
    const [dueOn, goalId] = cursor === undefined ? [] : keyOf(cursor, question).split('/');
    const { rows } = await this.database.query<{ row: TimeShortfallView }>(
      `select ${SHORTFALL_JSON} as row from ${OPEN_SHORTFALLS}
         and ($2::date is null or (s.due_on, s.goal_id) > ($2::date, $3::uuid))
         and ${inCare('$5', 's')}
       order by s.due_on, s.goal_id limit $4`,
      [organisationId, dueOn ?? null, goalId ?? null, limit + 1, coachId],
    );
    const shortfalls = rows.slice(0, limit).map(({ row }) => row);
    const last = shortfalls.at(-1);
    const more = rows.length > limit && last;
    return { shortfalls, ...(more && { nextCursor: cursorOf(`${last.dueOn}/${last.goalId}`, question) }) };
  }
}
