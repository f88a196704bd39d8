import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
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
import { LedgerReader } from '../../ledger/ledger-reader';
import { lineView, viewOf } from '../../ledger/line-view';
import { LEDGER_READERS } from '../../ledger/roles';

@Operation({
  rpc: 'ListCharges',
  http: 'GET /organisations/:organisationId/charges',
  allow: LEDGER_READERS,
  summary: 'Lists charges and reversals, the latest decided last, a page at a time.',
})
export class ListCharges extends query(
  z.strictObject({
    organisationId,
    commitmentId: uuid.optional(),
    goalId: uuid.optional(),
    limit: pageLimit,
    cursor: pageCursor.optional(),
  }),
  z.strictObject({ lines: z.array(lineView), nextCursor: z.string().optional() }),
) {}

@QueryHandler(ListCharges)
export class ListChargesHandler implements IQueryHandler<ListCharges> {
  constructor(private readonly reader: LedgerReader) {}

  execute({ input }: ListCharges): Promise<OutputOf<typeof ListCharges>> {
    const { organisationId, commitmentId, goalId, limit, cursor } = input;
    const question = [organisationId, 'charges', commitmentId, goalId];
    const after = cursor === undefined ? '0' : keyOf(cursor, question);
    return this.reader.read(organisationId, async (ledger) => {
      const found = await ledger.select(
        `and ($2::uuid is null or commitment_id = $2) and ($3::uuid is null or goal_id = $3) and position > $4
         order by position limit $5`,
        [commitmentId ?? null, goalId ?? null, after, limit + 1],
      );
      const lines = found.slice(0, limit).map(viewOf);
      const last = lines.at(-1);
      return { lines, ...(found.length > limit && last && { nextCursor: cursorOf(last.position, question) }) };
    });
  }
}
