import { canonicalJson } from '@oppi/service';
import { STATEMENT_RULES, type StatementLine } from '../../domain/statement';
import type { Frame, Ledger } from '../../ledger/ledger-reader';
import type { Line } from '../../ledger/line-view';
import { sumUp } from '../../ledger/statement-view';

/** What a statement says, complete in itself. Its fields are its format: a change is a new version of the rules. */
const contentOf = async (ledger: Ledger, frame: Frame, closing: NonNullable<Frame['closing']>) => {
  const { organisationId, currency } = ledger.known;
  const { statementNo, closedAt, closedBefore, inboxPosition, position } = closing;
  const { lines: _count, ...totals } = await sumUp(ledger, frame);
  return {
    format: 'oppi.statement.1',
    ruleVersion: STATEMENT_RULES,
    organisationId,
    period: frame.period,
    ...(closedBefore !== null && { closedBefore }),
    statementNo,
    closedAt,
    inboxPosition,
    position,
    currency,
    lines: (await ledger.lines(frame)).map(lineOf),
    lockedLines: await ledger.lockedLines(frame),
    ...totals,
  };
};
export type StatementContent = Awaited<ReturnType<typeof contentOf>>;

/**
 * The bytes of the statement of a closed month. They follow from reporting's decisions up to the closing alone, which never
 * change: made again, by anybody and from rebuilt read models, they are the same.
 */
export const documentOf = async (ledger: Ledger, frame: Frame): Promise<Buffer> => {
  if (!frame.closing) throw new Error('Only a closed month has a statement that does not change.');
  return Buffer.from(canonicalJson(await contentOf(ledger, frame, frame.closing)), 'utf8');
};

const lineOf = (line: Line): StatementLine => {
  const { amountMinor, vatRateBasisPoints, period, reversesLineId } = line;
  if (amountMinor === null || vatRateBasisPoints === null || period === null)
    throw new Error(`Line ${line.lineId} is collected without an amount.`);
  return {
    lineId: line.lineId,
    kind: line.kind,
    commitmentId: line.commitmentId,
    goalId: line.goalId,
    outcomeNo: line.outcomeNo,
    amountMinor,
    vatRateBasisPoints,
    deliveryPeriod: line.deliveryPeriod,
    period,
    ...(reversesLineId !== null && { reversesLineId }),
    evidenceIds: line.evidenceIds,
    position: line.position,
  };
};
