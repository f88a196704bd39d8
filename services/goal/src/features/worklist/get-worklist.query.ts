import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { DATABASE, type Database } from '@oppi/database';
import { ParkedMessages } from '@oppi/messaging';
import { Operation, organisationId, type OutputOf, query, uuid } from '@oppi/service';
import { z } from 'zod';
import { goalSummary, SUMMARY_OF_GOAL } from '../../read-models/goal-summary';

const waitingEvidence = z
  .strictObject({
    goalId: uuid,
    evidenceId: uuid,
    kind: z.string(),
    status: z.enum(['submitted', 'referred']),
    submittedAt: z.iso.datetime(),
  })
  .meta({ id: 'WaitingEvidence' });
const count = z.int().min(0);

@Operation({
  rpc: 'GetWorklist',
  http: 'GET /organisations/:organisationId/worklist',
  allow: ['operations'],
  summary: 'Reads what operations have to look after here. Lags a moment behind the commands.',
})
export class GetWorklist extends query(
  z.strictObject({ organisationId }),
  z.strictObject({
    unverifiedEvidence: z.array(waitingEvidence),
    overdueGoals: z.array(goalSummary),
    parkedMessages: count,
    unverifiedEvidenceTotal: count,
    overdueGoalsTotal: count,
  }),
) {}

type Found<T> = { item: T; total: number };
const MOST = 200;

// Evidence of a goal that ended waits for nobody: it cannot be judged any more.
const UNVERIFIED = `
  select json_build_object('goalId', e.goal_id, 'evidenceId', e.evidence_id, 'kind', e.kind, 'status', e.status,
           'submittedAt', to_char(e.submitted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) as item,
         (count(*) over ())::integer as total
  from evidence_list e join goal_list g using (organisation_id, goal_id)
  where e.organisation_id = $1 and e.status in ('submitted', 'referred') and g.status in ('agreed', 'overdue')
  order by e.submitted_at, e.evidence_id limit ${MOST}`;

const OVERDUE = `
  select ${SUMMARY_OF_GOAL} as item, (count(*) over ())::integer as total
  from goal_list g where g.organisation_id = $1 and g.status = 'overdue' order by g.due_on, g.goal_id limit ${MOST}`;

@QueryHandler(GetWorklist)
export class GetWorklistHandler implements IQueryHandler<GetWorklist> {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly parked: ParkedMessages,
  ) {}

  async execute({ input: { organisationId } }: GetWorklist): Promise<OutputOf<typeof GetWorklist>> {
    const [evidence, goals, parkedMessages] = await Promise.all([
      this.database.query<Found<z.output<typeof waitingEvidence>>>(UNVERIFIED, [organisationId]),
      this.database.query<Found<z.output<typeof goalSummary>>>(OVERDUE, [organisationId]),
      this.parked.count(organisationId),
    ]);
    return {
      unverifiedEvidence: evidence.rows.map(({ item }) => item),
      overdueGoals: goals.rows.map(({ item }) => item),
      parkedMessages,
      unverifiedEvidenceTotal: evidence.rows[0]?.total ?? 0,
      overdueGoalsTotal: goals.rows[0]?.total ?? 0,
    };
  }
}
