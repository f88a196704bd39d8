import { Inject } from '@nestjs/common';
import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DATABASE, type Database } from '@oppi/database';
import type { Clock } from '@oppi/event-sourcing';
import { ParkedMessages } from '@oppi/messaging';
import { CLOCK, Operation, organisationId, type OutputOf, query } from '@oppi/service';
import { z } from 'zod';
import { CONCERN_JSON, type ConcernView, concernView } from '../../read-models/concern-view';

const item = z
  .strictObject({ concern: concernView, unowned: z.boolean(), overdue: z.boolean() })
  .meta({ id: 'WorkItem' });

@Operation({
  rpc: 'GetWorklist',
  http: 'GET /organisations/:organisationId/worklist',
  allow: ['operations'],
  summary:
    'Lists open concerns that nobody owns or whose due time is over; counts unread messages. Lags a moment behind.',
})
export class GetWorklist extends query(
  z.strictObject({ organisationId }),
  z.strictObject({ items: z.array(item), total: z.int().min(0), parkedMessages: z.int().min(0) }),
) {}

type Row = { row: ConcernView; unowned: boolean; overdue: boolean; total: string };

const MOST = 200;

@QueryHandler(GetWorklist)
export class GetWorklistHandler implements IQueryHandler<GetWorklist> {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly parked: ParkedMessages,
  ) {}

  async execute({ input }: GetWorklist): Promise<OutputOf<typeof GetWorklist>> {
    const [{ rows }, parkedMessages] = await Promise.all([
      this.database.query<Row>(
        `select ${CONCERN_JSON} as row, owner_id is null as unowned, due_at < $2 as overdue, count(*) over () as total
         from concerns
         where organisation_id = $1 and outcome is null and (owner_id is null or due_at < $2)
         order by due_at, concern_id limit ${String(MOST)}`,
        [input.organisationId, this.clock.now().toISOString()],
      ),
      this.parked.count(input.organisationId),
    ]);
    return {
      items: rows.map(({ row, unowned, overdue }) => ({ concern: row, unowned, overdue })),
      total: Number(rows[0]?.total ?? 0),
      parkedMessages,
    };
  }
}
