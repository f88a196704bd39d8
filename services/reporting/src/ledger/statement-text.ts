import { moneyText } from '../domain/money';
import { percentText, tableText } from '../texts/table';
import type { LineView } from './line-view';
import type { StatementSummary } from './statement-view';

/** A statement to read: what it comes to, per commitment and rate, and the lines of this page. */
export const statementText = (statement: StatementSummary, lines: readonly LineView[]): string => {
  const money = (minor: string): string => moneyText(Number(minor), statement.currency);
  const commitments = statement.commitments.map(({ name, charges, reversals, netMinor }) => [
    name,
    String(charges),
    String(reversals),
    money(netMinor),
  ]);
  const vat = statement.vat.map(({ rateBasisPoints, netMinor, vatMinor }) => [
    percentText(rateBasisPoints),
    money(netMinor),
    money(vatMinor),
  ]);
  const shown = lines.map((line) => [
    line.lineId,
    line.kind,
    line.deliveryPeriod,
    line.period ?? '-',
    money(line.amountMinor ?? '0'),
  ]);
  return [
    headText(statement),
    '',
    ...tableText([['commitment', 'charges', 'reversals', 'net'], ...commitments]),
    '',
    ...tableText([['tax rate', 'net', 'tax'], ...vat]),
    '',
    `net ${money(statement.netMinor)}, tax ${money(statement.vatMinor)}, gross ${money(statement.grossMinor)}`,
    '',
    ...tableText([['line', 'kind', 'earned', 'settled', 'amount'], ...shown]),
    '',
  ].join('\n');
};

/** Which statement it is, in words. */
export const headText = (statement: StatementSummary): string => {
  const { period, statementNo, issuedAt, sha256, lines, lockedLines, position } = statement;
  const which = statementNo === undefined ? 'Draft of the statement' : `Statement ${statementNo}`;
  const issued = issuedAt === undefined || sha256 === undefined ? '' : `, issued ${issuedAt}, SHA-256 ${sha256}`;
  return `${which} of ${period}: ${lines} lines, ${lockedLines} held back (ledger position ${position}${issued})`;
};
