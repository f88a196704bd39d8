import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, DomainError, localDateOf } from '@oppi/event-sourcing';
import { type Committed, EventStore, guard, streamOf } from '@oppi/event-store';
import { type Accepted, command, Operation, organisationId } from '@oppi/service';
import { z } from 'zod';
import { Feeds } from '../../billing/feeds';
import { books, BOOKS_STREAM, closePeriod } from '../../domain/books';
import { periodOf } from '../../domain/period';
import { issueStatement, statement, type StatementIssued, statementStream } from '../../domain/statement';
import { LedgerReader } from '../../ledger/ledger-reader';
import { period } from '../../ledger/line-view';
import { BILLERS } from '../../ledger/roles';
import { type StoredDocument, StatementDocuments } from '../../ledger/statement-documents';
import { documentOf, type StatementContent } from './statement-document';

@Operation({
  rpc: 'IssueStatement',
  http: 'POST /organisations/:organisationId/statements/:period/issue',
  allow: BILLERS,
  summary: 'Closes a month and issues its statement. It holds all that was collected since the one before.',
})
export class IssueStatement extends command(z.strictObject({ organisationId, period })) {}

@CommandHandler(IssueStatement)
export class IssueStatementHandler implements ICommandHandler<IssueStatement> {
  constructor(
    private readonly store: EventStore,
    private readonly reader: LedgerReader,
    private readonly feeds: Feeds,
    private readonly documents: StatementDocuments,
  ) {}

  /**
   * Close, make the bytes, keep them, say that they are issued, in this order: what is said to be issued is there, and a
   * closed month's lines never change, so a crash on the way costs nothing: the same call again goes on from there.
   */
  async execute({ input, context }: IssueStatement): Promise<Accepted> {
    const { organisationId, period } = input;
    const closed = await this.close(context, period);
    if (!(await this.feeds.isInLedger(closed.position)))
      throw new DomainError(
        'unavailable',
        'statement-in-the-making',
        'The month is closed. Call again for its statement.',
      );
    const bytes = await this.reader.read(organisationId, (ledger) => documentOf(ledger, ledger.frameOf(period)));
    const facts = factsOf(await this.documents.keep(organisationId, period, bytes));
    const { expectedVersion: _ofTheBooks, ...rest } = context;
    const streams = { statement: streamOf(statement, statementStream(period)) };
    const issue = { ...rest, commandId: `${context.commandId.slice(0, 240)}:issue` };
    const issued = await this.store.transact(issue, streams, (states) => ({
      statement: issueStatement(states.statement, facts),
    }));
    // So that whoever asked finds it there; it is issued in any case.
    await this.feeds.isInLedger(issued.position);
    return issued;
  }

  private async close(context: CommandContext, period: string): Promise<Committed> {
    const { organisationId, now } = context;
    const { timeZone } = await this.reader.read(organisationId, (ledger) => Promise.resolve(ledger.known));
    const { state } = await this.store.load(organisationId, streamOf(books, BOOKS_STREAM));
    if (!state.closed.includes(period)) await this.feeds.requireComplete(organisationId);
    const inboxPosition = await this.feeds.inboxPosition();
    const currentPeriod = periodOf(localDateOf(now, timeZone));
    const streams = {
      books: streamOf(books, BOOKS_STREAM),
      statement: guard(streamOf(statement, statementStream(period))),
    };
    return this.store.transact(context, streams, (states) => ({
      books: closePeriod(states.books, {
        period,
        currentPeriod,
        isIssued: states.statement.isIssued,
        inboxPosition,
        now,
      }),
    }));
  }
}

/** From the bytes that were kept, whoever made them. */
const factsOf = ({ sha256, bytes }: StoredDocument): StatementIssued['data'] => {
  const content = JSON.parse(bytes.toString('utf8')) as StatementContent;
  const { period, statementNo, netMinor, vatMinor, grossMinor, currency, lines } = content;
  return { period, statementNo, sha256, netMinor, vatMinor, grossMinor, currency, lines: lines.length };
};
