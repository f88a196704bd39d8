import { Inject } from '@nestjs/common';
import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DATABASE, type Database } from '@oppi/database';
import { ParkedMessages } from '@oppi/messaging';
import { Operation, organisationId, type OutputOf, query } from '@oppi/service';
import { z } from 'zod';
import { OPEN_SHORTFALLS, SHORTFALL_JSON, type TimeShortfallView, timeShortfallView } from './time-shortfall-view';

const count = z.int().min(0);

@Operation({
  rpc: 'GetWorklist',
  http: 'GET /organisations/:organisationId/worklist',
  allow: ['operations'],
  summary:
    'Lists goals that are short of time, the earliest due first, and counts unread messages. Lags a moment behind.',
})
export class GetWorklist extends query(
  z.strictObject({ organisationId }),
  z.strictObject({ shortfalls: z.array(timeShortfallView), total: count, parkedMessages: count }),
) {}

type Row = { row: TimeShortfallView; total: number };

const MOST = 200;

@QueryHandler(GetWorklist)
export class GetWorklistHandler implements IQueryHandler<GetWorklist> {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly parked: ParkedMessages,
  ) {}

  async execute({ input: { organisationId } }: GetWorklist): Promise<OutputOf<typeof GetWorklist>> {
    const [{ rows }, parkedMessages] = await Promise.all([
      this.database.query<Row>(
        `select ${SHORTFALL_JSON} as row, (count(*) over ())::integer as total from ${OPEN_SHORTFALLS}
         order by s.due_on, s.goal_id limit ${String(MOST)}`,
        [organisationId],
      ),
      this.parked.count(organisationId),
    ]);
    return { shortfalls: rows.map(({ row }) => row), total: rows[0]?.total ?? 0, parkedMessages };
  }
}
