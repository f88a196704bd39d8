import type { Attainment, Participation } from '../../domain/figures';
import type { Basis } from '../../figures/question';

export type ReportLine = Readonly<{
  name: string;
  depth: number;
  attainment: Attainment;
  participation: Participation;
}>;

const percent = (basisPoints: number | undefined): string =>
  basisPoints === undefined
    ? '-'
    : `${Math.floor(basisPoints / 100).toString()}.${(basisPoints % 100).toString().padStart(2, '0')} %`;

const HEAD = [
  'team',
  'agreed',
  'attained',
  'missed',
  'withdrawn',
  'overdue',
  'open',
  'rate',
  'without wd',
  'in',
  'left',
];
const NAME_WIDTH = 30;

const cellsOf = ({ name, depth, attainment, participation }: ReportLine): string[] => [
  `${'  '.repeat(depth)}${name}`.slice(0, NAME_WIDTH),
  ...[
    attainment.agreed,
    attainment.attained,
    attainment.missed,
    attainment.withdrawn,
    attainment.overdue,
    attainment.open,
  ].map(String),
  percent(attainment.rateBasisPoints),
  percent(attainment.rateWithoutWithdrawnBasisPoints),
  String(participation.open),
  String(participation.left),
];

/** What a figure is of, in words. */
const basisText = ({ on, knownAt, inboxPosition, ruleVersion, complete, parkedMessages }: Basis): string =>
  [
    on === undefined ? 'final' : `as of ${on}`,
    knownAt === undefined ? 'all that is recorded' : `as known at ${knownAt}`,
    `inbox position ${inboxPosition}`,
    `rules ${ruleVersion}`,
    complete ? 'complete' : `incomplete: ${parkedMessages.toString()} messages parked`,
  ].join(', ');

/** The report as a table to read: names to the left, numbers to the right. */
export const reportText = (lines: readonly ReportLine[], total: ReportLine, basis: Basis): string => {
  const rows = [HEAD, ...lines.map(cellsOf), cellsOf(total)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const table = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
  return ['Attainment', basisText(basis), '', ...table, ''].join('\n');
};
