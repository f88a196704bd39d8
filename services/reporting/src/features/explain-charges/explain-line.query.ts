import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DomainError } from '@oppi/event-sourcing';
import { Operation, organisationId, type OutputOf, query, uuid } from '@oppi/service';
import { z } from 'zod';
import { explainedLine, LineExplainer } from '../../explanation/line-explainer';
import { LedgerReader } from '../../ledger/ledger-reader';
import { LEDGER_READERS } from '../../ledger/roles';

@Operation({
  rpc: 'ExplainLine',
  http: 'GET /organisations/:organisationId/charges/:lineId/explanation',
  allow: LEDGER_READERS,
  summary: 'Walks one line back to the promise, the goal and its evidence, with who and when.',
})
export class ExplainLine extends query(
  z.strictObject({ organisationId, lineId: uuid }),
  z.strictObject({ line: explainedLine, text: z.string() }),
) {}

@QueryHandler(ExplainLine)
export class ExplainLineHandler implements IQueryHandler<ExplainLine> {
  constructor(
    private readonly reader: LedgerReader,
    private readonly explainer: LineExplainer,
  ) {}

  execute({ input }: ExplainLine): Promise<OutputOf<typeof ExplainLine>> {
    return this.reader.read(input.organisationId, async (ledger) => {
      const found = await ledger.select('and line_id = $2', [input.lineId]);
      const { lines, text } = await this.explainer.explain(ledger, found);
      const [line] = lines;
      if (!line) throw new DomainError('not-found', 'line-not-found', 'There is no such line, or not yet.');
      return { line, text };
    });
  }
}
