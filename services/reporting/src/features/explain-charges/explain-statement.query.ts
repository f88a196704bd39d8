import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { cursorOf, keyOf, Operation, organisationId, type OutputOf, pageCursor, query } from '@oppi/service';
import { z } from 'zod';
import { explainedLine, LineExplainer } from '../../explanation/line-explainer';
import { LedgerReader } from '../../ledger/ledger-reader';
import { period } from '../../ledger/line-view';
import { LEDGER_READERS } from '../../ledger/roles';
import { headText } from '../../ledger/statement-text';
import { statementSummary, summaryOf } from '../../ledger/statement-view';

@Operation({
  rpc: 'ExplainStatement',
  http: 'GET /organisations/:organisationId/statements/:period/explanation',
  allow: LEDGER_READERS,
  summary: 'Walks a statement back to its lines and the events behind each, a page at a time.',
})
export class ExplainStatement extends query(
  z.strictObject({
    organisationId,
    period,
    limit: z.int().min(1).max(50).default(20),
    cursor: pageCursor.optional(),
  }),
  z.strictObject({
    statement: statementSummary,
    lines: z.array(explainedLine),
    nextCursor: z.string().optional(),
    text: z.string(),
  }),
) {}

@QueryHandler(ExplainStatement)
export class ExplainStatementHandler implements IQueryHandler<ExplainStatement> {
  constructor(
    private readonly reader: LedgerReader,
    private readonly explainer: LineExplainer,
  ) {}

  execute({ input }: ExplainStatement): Promise<OutputOf<typeof ExplainStatement>> {
    const { organisationId, limit, cursor } = input;
    const question = [organisationId, 'statement explained', input.period];
    const after = cursor === undefined ? undefined : keyOf(cursor, question);
    return this.reader.read(organisationId, async (ledger) => {
      const frame = ledger.frameOf(input.period);
      const statement = await summaryOf(ledger, frame);
      const found = await ledger.lines(frame, after, limit + 1);
      const { lines, text } = await this.explainer.explain(ledger, found.slice(0, limit));
      const last = lines.at(-1);
      const next = found.length > limit && last ? { nextCursor: cursorOf(last.line.position, question) } : {};
      return { statement, lines, ...next, text: `${headText(statement)}\n\n${text}` };
    });
  }
}
