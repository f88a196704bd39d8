import { Inject } from '@nestjs/common';
import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
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
} from '@oppi/service';
import { z } from 'zod';

const minutes = z.int().min(0);
const shortfall = z
  .strictObject({
    goalId: uuid,
    personId: uuid,
    neededMinutes: minutes,
    givenMinutes: minutes,
    promisedMinutes: minutes,
    dueOn: localDate,
    on: localDate,
  })
  .meta({ id: 'TimeShortfall' });

@Operation({
  rpc: 'ListTimeShortfalls',
  http: 'GET /organisations/:organisationId/time-shortfalls',
  allow: ['operations', 'coach', 'sponsor', 'manager', 'integration'],
  summary:
    'Lists goals that need more minutes than their persons are given, the earliest due first. Lags a moment behind.',
})
export class ListTimeShortfalls extends query(
  z.strictObject({ organisationId, limit: pageLimit, cursor: pageCursor.optional() }),
  z.strictObject({ shortfalls: z.array(shortfall), nextCursor: z.string().optional() }),
) {}

type Row = z.output<typeof shortfall>;

@QueryHandler(ListTimeShortfalls)
export class ListTimeShortfallsHandler implements IQueryHandler<ListTimeShortfalls> {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /** A goal that ended since needs no time any more, so it is not listed. */
  async execute({ input }: ListTimeShortfalls): Promise<OutputOf<typeof ListTimeShortfalls>> {
    const { organisationId, limit, cursor } = input;
    const question = [organisationId, 'time-shortfalls'];
    const [dueOn, goalId] = cursor === undefined ? [] : keyOf(cursor, question).split('/');
    const { rows } = await this.database.query<{ row: Row }>(
      `select json_build_object('goalId', s.goal_id, 'personId', s.person_id, 'neededMinutes', needed_minutes,
                'givenMinutes', given_minutes, 'promisedMinutes', promised_minutes, 'dueOn', s.due_on, 'on', found_on) as row
       from time_shortfalls s left join goals g on g.organisation_id = s.organisation_id and g.goal_id = s.goal_id
       where s.organisation_id = $1 and open and g.ended is not true
         and ($2::date is null or (s.due_on, s.goal_id) > ($2::date, $3::uuid))
       order by s.due_on, s.goal_id limit $4`,
      [organisationId, dueOn ?? null, goalId ?? null, limit + 1],
    );
    const shortfalls = rows.slice(0, limit).map(({ row }) => row);
    const last = shortfalls.at(-1);
    const more = rows.length > limit && last;
    return { shortfalls, ...(more && { nextCursor: cursorOf(`${last.dueOn}/${last.goalId}`, question) }) };
  }
}
