import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { DATABASE, type Database } from '@oppi/database';
import { EventStore, streamOf } from '@oppi/event-store';
import { localDate, Operation, organisationId, type OutputOf, query, uuid, version } from '@oppi/service';
import { z } from 'zod';
import { commitment, commitmentStream, madeCommitment, noCommitment } from '../../domain/commitment';
import { visibleTo } from '../../read-models/learner-coaches.projection';

@Operation({
  rpc: 'GetCommitment',
  http: 'GET /organisations/:organisationId/commitments/:commitmentId',
  allow: ['operations', 'billing', 'sponsor', 'manager', 'coach', 'verifier', 'integration'],
  own: ['coach'],
  summary:
    'Reads a commitment: the promise as agreed; a coach one that counts a goal in the own care. How it stands, reporting tells.',
})
export class GetCommitment extends query(
  z.strictObject({ organisationId, commitmentId: uuid }),
  z.strictObject({
    commitmentId: uuid,
    name: z.string(),
    status: z.enum(['proposed', 'agreed']),
    goalIds: z.array(uuid),
    threshold: z.int(),
    dueOn: localDate,
    priceMinor: z.string(),
    currency: z.string(),
    vatRateBasisPoints: z.int(),
    agreedOn: localDate.optional(),
    version,
  }),
) {}

@QueryHandler(GetCommitment)
export class GetCommitmentHandler implements IQueryHandler<GetCommitment> {
  constructor(
    private readonly store: EventStore,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  async execute({ input, caller }: GetCommitment): Promise<OutputOf<typeof GetCommitment>> {
    const stream = streamOf(commitment, commitmentStream(input.commitmentId));
    const { state, version } = await this.store.load(input.organisationId, stream);
    const { status, terms, agreedOn } = madeCommitment(state);
    if (caller.role === 'coach' && !(await this.countsOwn(input.organisationId, terms.goalIds, caller.actorId)))
      throw noCommitment();
    const { timeZone: _timeZone, imported: _imported, goalIds, priceMinor, ...promise } = terms;
    return {
      ...promise,
      goalIds: [...goalIds],
      priceMinor: String(priceMinor),
      status,
      ...(agreedOn && { agreedOn }),
      version,
    };
  }

  /** Whether a coach may see one of the goals. */
  private async countsOwn(organisationId: string, goalIds: readonly string[], coachId: string): Promise<boolean> {
    const { rowCount } = await this.database.query(
      `select from goal_list g where organisation_id = $1 and goal_id = any ($2) and ${visibleTo('$3')} limit 1`,
      [organisationId, goalIds, coachId],
    );
    return rowCount === 1;
  }
}
