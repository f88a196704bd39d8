import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { cursorOf, keyOf, Operation, organisationId, type OutputOf, pageCursor, pageLimit, query } from '@oppi/service';
import { z } from 'zod';
import { LedgerReader } from '../../ledger/ledger-reader';
import { lineView, period, viewOf } from '../../ledger/line-view';
import { LEDGER_READERS } from '../../ledger/roles';
import { statementText } from '../../ledger/statement-text';
import { statementSummary, summaryOf } from '../../ledger/statement-view';

@Operation({
  rpc: 'GetStatement',
  http: 'GET /organisations/:organisationId/statements/:period',
  allow: LEDGER_READERS,
  summary: 'Reads the statement of a month: as issued, or as a draft.',
})
export class GetStatement extends query(
  z.strictObject({ organisationId, period, limit: pageLimit, cursor: pageCursor.optional() }),
  z.strictObject({
    statement: statementSummary,
    lines: z.array(lineView),
    nextCursor: z.string().optional(),
    text: z.string(),
  }),
) {}

@QueryHandler(GetStatement)
export class GetStatementHandler implements IQueryHandler<GetStatement> {
  constructor(private readonly reader: LedgerReader) {}

  execute({ input }: GetStatement): Promise<OutputOf<typeof GetStatement>> {
    const { organisationId, limit, cursor } = input;
    const question = [organisationId, 'statement', input.period];
    const after = cursor === undefined ? undefined : keyOf(cursor, question);
    return this.reader.read(organisationId, async (ledger) => {
      const frame = ledger.frameOf(input.period);
      const found = await ledger.lines(frame, after, limit + 1);
      const lines = found.slice(0, limit).map(viewOf);
      const last = lines.at(-1);
      const next = found.length > limit && last ? { nextCursor: cursorOf(last.position, question) } : {};
      const statement = await summaryOf(ledger, frame);
      return { statement, lines, ...next, text: statementText(statement, lines) };
    });
  }
}
