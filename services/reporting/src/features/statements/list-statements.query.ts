import { Inject } from '@nestjs/common';
import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { type Clock, localDateOf } from '@oppi/event-sourcing';
import { CLOCK, Operation, organisationId, type OutputOf, query } from '@oppi/service';
import { z } from 'zod';
import { laterPeriod, nextPeriod, periodBefore, periodOf } from '../../domain/period';
import { LedgerReader } from '../../ledger/ledger-reader';
import { LEDGER_READERS } from '../../ledger/roles';
import { statementSummary, summaryOf } from '../../ledger/statement-view';

@Operation({
  rpc: 'ListStatements',
  http: 'GET /organisations/:organisationId/statements',
  allow: LEDGER_READERS,
  summary: 'Lists the statements issued so far and the one that would be issued now.',
})
export class ListStatements extends query(
  z.strictObject({ organisationId }),
  z.strictObject({ statements: z.array(statementSummary) }),
) {}

@QueryHandler(ListStatements)
export class ListStatementsHandler implements IQueryHandler<ListStatements> {
  constructor(
    private readonly reader: LedgerReader,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  execute({ input }: ListStatements): Promise<OutputOf<typeof ListStatements>> {
    return this.reader.read(input.organisationId, async (ledger) => {
      const { timeZone, frames } = ledger.known;
      // The last month that is over; the open one when that is closed already.
      const over = periodBefore(periodOf(localDateOf(this.clock.now(), timeZone)));
      const next = ledger.lastClosed === '' ? over : laterPeriod(over, nextPeriod(ledger.lastClosed));
      const statements = [];
      for (const frame of [...frames, ledger.frameOf(next)]) statements.push(await summaryOf(ledger, frame));
      return { statements };
    });
  }
}
