import { Inject } from '@nestjs/common';
import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DATABASE, type Database } from '@oppi/database';
import type { Clock } from '@oppi/event-sourcing';
import { CLOCK, Operation, organisationId, type OutputOf, query, uuid } from '@oppi/service';
import { z } from 'zod';

const count = z.int().min(0);
const load = z
  .strictObject({ coachId: uuid, learners: count, openConcerns: count, overdueConcerns: count })
  .meta({ id: 'CoachLoad' });

@Operation({
  rpc: 'GetCoachLoad',
  http: 'GET /organisations/:organisationId/coach-load',
  allow: ['operations'],
  summary:
    'Tells how many learners and concerns each coach has, and how many concerns were none. Lags a moment behind.',
})
export class GetCoachLoad extends query(
  z.strictObject({ organisationId }),
  z.strictObject({ coaches: z.array(load), closedConcerns: count, falseFlags: count }),
) {}

type Closed = { closed: number; false_flags: number };

@QueryHandler(GetCoachLoad)
export class GetCoachLoadHandler implements IQueryHandler<GetCoachLoad> {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ input: { organisationId } }: GetCoachLoad): Promise<OutputOf<typeof GetCoachLoad>> {
    const [coaches, closed] = await Promise.all([
      this.database.query<z.output<typeof load>>(
        `select coach_id as "coachId", sum(learners)::integer as learners, sum(open)::integer as "openConcerns",
                sum(overdue)::integer as "overdueConcerns"
         from (select coach_id, 1 as learners, 0 as open, 0 as overdue
               from learners where organisation_id = $1 and coach_id is not null
               union all
               select owner_id, 0, 1, (due_at < $2)::integer
               from concerns where organisation_id = $1 and outcome is null and owner_id is not null) each
         group by coach_id order by coach_id`,
        [organisationId, this.clock.now().toISOString()],
      ),
      this.database.query<Closed>(
        `select count(*)::integer as closed, count(*) filter (where outcome = 'false-flag')::integer as false_flags
         from concerns where organisation_id = $1 and outcome is not null`,
        [organisationId],
      ),
    ]);
    const [totals] = closed.rows;
    return {
      coaches: coaches.rows,
      closedConcerns: totals?.closed ?? 0,
      falseFlags: totals?.false_flags ?? 0,
    };
  }
}
