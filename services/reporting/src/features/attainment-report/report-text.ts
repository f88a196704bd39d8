import type { Attainment, Participation } from '../../domain/figures';
import { basisText } from '../../figures/basis-text';
import type { Basis } from '../../figures/question';
import { percentText, tableText } from '../../texts/table';

export type ReportLine = Readonly<{
  name: string;
  depth: number;
  attainment: Attainment;
  participation: Participation;
}>;

const percent = (basisPoints: number | undefined): string =>
  basisPoints === undefined ? '-' : percentText(basisPoints);

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

/** The report as a table to read: names to the left, numbers to the right. */
export const reportText = (lines: readonly ReportLine[], total: ReportLine, basis: Basis): string => {
  const rows = [HEAD, ...lines.map(cellsOf), cellsOf(total)];
  return ['Attainment', basisText(basis), '', ...tableText(rows), ''].join('\n');
};
