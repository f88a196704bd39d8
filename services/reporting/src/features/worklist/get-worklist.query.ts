import { Inject } from '@nestjs/common';
import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { type Clock, localDateOf } from '@oppi/event-sourcing';
import { ParkedMessages } from '@oppi/messaging';
import { CLOCK, Operation, organisationId, type OutputOf, query } from '@oppi/service';
import { z } from 'zod';
import { VERIFIER_WAS_COACH } from '../../billing/due';
import { periodOf } from '../../domain/period';
import { LedgerReader } from '../../ledger/ledger-reader';
import { lineView, period, viewOf } from '../../ledger/line-view';
import { BILLERS } from '../../ledger/roles';

@Operation({
  rpc: 'GetWorklist',
  http: 'GET /organisations/:organisationId/worklist',
  allow: BILLERS,
  summary: 'What operations have to look after here: data locks, months to be issued, parked messages.',
})
export class GetWorklist extends query(
  z.strictObject({ organisationId }),
  z.strictObject({
    lockedCharges: z.array(lineView),
    lockedChargesTotal: z.int().min(0),
    periodsToIssue: z.array(period),
    parkedMessages: z.int().min(0),
    doubtfulCharges: z.array(lineView),
  }),
) {}

const MOST = 200;

@QueryHandler(GetWorklist)
export class GetWorklistHandler implements IQueryHandler<GetWorklist> {
  constructor(
    private readonly reader: LedgerReader,
    private readonly parked: ParkedMessages,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ input }: GetWorklist): Promise<OutputOf<typeof GetWorklist>> {
    const { organisationId } = input;
    const parkedMessages = await this.parked.count(organisationId);
    return this.reader.read(organisationId, async (ledger, session) => {
      const locked = await session.query<{ n: number }>(
        `select count(*)::integer as n from lines where organisation_id = $1 and ${LOCKED}`,
        [organisationId],
      );
      const current = periodOf(localDateOf(this.clock.now(), ledger.known.timeZone));
      const open = await session.query<{ period: string }>(
        `select distinct period from lines where organisation_id = $1 and period > $2 and period < $3 order by 1`,
        [organisationId, ledger.lastClosed, current],
      );
      const unfinished = ledger.known.frames.filter(({ issued }) => !issued);
      return {
        lockedCharges: (await ledger.select(`and ${LOCKED} order by position limit ${MOST}`, [])).map(viewOf),
        lockedChargesTotal: locked.rows[0]?.n ?? 0,
        periodsToIssue: [...unfinished, ...open.rows].map((each) => each.period),
        parkedMessages,
        doubtfulCharges: (await ledger.select(DOUBTFUL, [ledger.lastClosed])).map(viewOf),
      };
    });
  }
}

const LOCKED = 'lock_code is not null and not reversed';

/** Known too late to be held back (rule A12): billed in a closed month, and nobody has released or reversed it. */
const DOUBTFUL = `
  and kind = 'charge' and not reversed and not released and period <= $2 and exists (
    select from attainments a
    where a.organisation_id = l.organisation_id and a.goal_id = l.goal_id and a.outcome_no = l.outcome_no
      and ${VERIFIER_WAS_COACH})
  order by position limit ${MOST}`;
