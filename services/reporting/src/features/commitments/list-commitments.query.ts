import { Inject } from '@nestjs/common';
import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { type Clock, localDateOf } from '@oppi/event-sourcing';
import { CLOCK, localDate, Operation, organisationId, type OutputOf, query, uuid } from '@oppi/service';
import { z } from 'zod';
import { commitmentStatus, COMMITMENT_STATUSES } from '../../domain/commitment-status';
import { type CommitmentCounts, commitmentCounts } from '../../figures/commitment-counts';
import { FigureReader } from '../../figures/figure-reader';
import { basis, clocks } from '../../figures/question';
import { LEDGER_READERS } from '../../ledger/roles';
import { commitmentsText } from './commitments-text';

const count = z.int().min(0);
const minor = z.string().regex(/^-?[0-9]+$/);
const standing = z
  .strictObject({
    commitmentId: uuid,
    name: z.string(),
    status: z.enum(COMMITMENT_STATUSES),
    dueOn: localDate,
    agreedOn: localDate,
    promised: count,
    attained: count,
    missed: count,
    withdrawn: count,
    overdue: count,
    open: count,
    threshold: count,
    priceMinor: minor.optional(),
    currency: z.string(),
    billedMinor: minor,
  })
  .meta({ id: 'CommitmentStanding' });
export type Standing = z.output<typeof standing>;

@Operation({
  rpc: 'ListCommitments',
  http: 'GET /organisations/:organisationId/commitments',
  allow: LEDGER_READERS,
  summary: 'How each commitment stands: what was promised, attained and billed.',
})
export class ListCommitments extends query(
  z.strictObject({ organisationId, ...clocks }),
  z.strictObject({ commitments: z.array(standing), basis, text: z.string() }),
) {}

@QueryHandler(ListCommitments)
export class ListCommitmentsHandler implements IQueryHandler<ListCommitments> {
  constructor(
    private readonly reader: FigureReader,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  execute({ input }: ListCommitments): Promise<OutputOf<typeof ListCommitments>> {
    const { organisationId, on, knownAt } = input;
    return this.reader.read(organisationId, input, async (figures) => {
      const { timeZone, rows } = await figures.ask((session) => commitmentCounts(session, organisationId, input));
      // A final figure holds as of the day on which it is known.
      const day = on ?? localDateOf(knownAt ?? this.clock.now(), timeZone);
      const commitments = rows.map((row) => standingOf(row, day));
      return { commitments, basis: figures.basis, text: commitmentsText(commitments, figures.basis) };
    });
  }
}

const standingOf = ({ priceMinor, ...row }: CommitmentCounts, on: string): Standing => ({
  ...row,
  status: commitmentStatus(row, on),
  ...(priceMinor !== null && { priceMinor }),
});
