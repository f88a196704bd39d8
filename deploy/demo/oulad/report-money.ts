import { terms } from './commitments';
import type { Correction } from './correction';
import type { Figures } from './figures';
import type { Loaded } from './load-oulad';
import type { CommitmentFigures, MoneyFigures, StatementFigures } from './money-figures';
import { money, number, percent, table } from './report-table';

const nameOf = (presentation: string): string => presentation.replace('/', ' ');

const commitmentRow = (name: string, figures: CommitmentFigures): string[] => {
  const { promised, threshold, attained, status, billedMinor } = figures;
  return [name, ...[promised, threshold, attained].map(number), status, money(billedMinor)];
};

const commitmentTable = ({ commitments }: MoneyFigures): string[] =>
  table([
    ['commitment', 'goals', 'needed', 'attained', 'status', 'billed'],
    ...Object.entries(commitments).map(([key, figures]) => commitmentRow(nameOf(key), figures)),
  ]);

const statementRow = (name: string, { lines, netMinor, vatMinor, grossMinor }: StatementFigures): string[] => [
  name,
  number(lines),
  ...[netMinor, vatMinor, grossMinor].map(money),
];

const statementTable = ({ statements, all }: MoneyFigures, { documents }: Correction): string[] =>
  table([
    ['statement', 'charges', 'net', 'VAT', 'gross', 'SHA-256'],
    ...Object.entries(statements).map(([period, figures]) => {
      const hash = documents.find((one) => one.period === period)?.sha256 ?? '';
      return [...statementRow(period, figures), `${hash.slice(0, 16)}...`];
    }),
    [...statementRow('All', all), ''],
  ]);

type Look = Readonly<{ attainment: Figures['attainment']; commitments: MoneyFigures['commitments'] }>;

/** What of one presentation or of all a correction can move, one row a figure. */
const looks = (key: string, sides: readonly Look[]): string[][] => {
  const name = key === 'all' ? 'All' : nameOf(key);
  const figures = sides.map(({ attainment }) => attainment[key]);
  const standings = sides.map(({ commitments }) => commitments[key]);
  const rows = [
    ['attained', ...figures.map((one) => (one ? number(one.attained) : '-'))],
    ['rate', ...figures.map((one) => percent(one?.rateBasisPoints ?? null))],
  ];
  if (standings.some(Boolean))
    rows.push(
      ['commitment', ...standings.map((one) => one?.status ?? '-')],
      ['billed', ...standings.map((one) => (one ? money(one.billedMinor) : '-'))],
    );
  return rows.map(([figure, ...values], index) => [`${(index === 0 ? name : '').padEnd(9)}  ${figure}`, ...values]);
};

const isMoved = (key: string, before: Figures['attainment'], after: Figures['attainment']): boolean =>
  before[key]?.attained !== after[key]?.attained;

const correctionLines = ({ data, figures }: Loaded, before: MoneyFigures, correction: Correction): string[] => {
  const { voided, attainment, commitments, reversals, periods, documents } = correction;
  const sides = [{ attainment: figures.attainment, commitments: before.commitments }, correction];
  const moved = data.presentations.map(({ key }) => key).filter((key) => isMoved(key, figures.attainment, attainment));
  const rows = [...moved, 'all'].flatMap((key) => looks(key, sides));
  const amounts = [reversals.netMinor, reversals.vatMinor, reversals.grossMinor].map(money);
  const unchanged = documents.filter((one) => one.unchanged).length;
  const flipped = moved.filter((key) => before.commitments[key]?.status !== commitments[key]?.status);
  return [
    `CORRECTION: ${number(voided)} board results voided after billing`,
    ...table([['', 'as billed', 'now'], ...rows]),
    `${number(reversals.lines)} reversals in ${periods.join(', ')}, each linked to its charge: ` +
      `${amounts[0]} net, ${amounts[1]} VAT, ${amounts[2]} gross`,
    `${number(flipped.length)} of ${number(Object.keys(commitments).length)} commitments stand otherwise than when billed`,
    `${unchanged} of ${documents.length} issued statements are what they were, to the byte`,
  ];
};

const { priceMinor, currency, vatRateBasisPoints } = terms;
const title = `${money(priceMinor)} ${currency} an attained goal, at least half of the goals, VAT ${vatRateBasisPoints / 100} %`;

/** Commitments, statements, and a correction after them, each in one look. */
export const moneyLines = (loaded: Loaded): string[] => {
  if (!loaded.billed) return ['COMMITMENTS AND STATEMENTS: nothing is billed while charges are missing'];
  const { money: figures, correction } = loaded.billed;
  return [
    `COMMITMENTS: ${title}`,
    ...commitmentTable(figures),
    '',
    `STATEMENTS in ${currency}: ${number(figures.all.lines)} charges, one for each attained goal`,
    ...statementTable(figures, correction),
    '',
    ...correctionLines(loaded, figures, correction),
  ];
};
