import { type AttainmentFigures, shownDays } from './figures';
import type { Loaded } from './load-oulad';

const number = (value: number): string => value.toLocaleString('en-GB');

const percent = (basisPoints: number | null): string =>
  basisPoints === null ? '-' : `${(basisPoints / 100).toFixed(2)} %`;

/** The first column to the left, the others to the right, each as wide as its widest cell. */
const table = (rows: readonly (readonly string[])[]): string[] => {
  const widths = rows.reduce<number[]>((known, row) => row.map((cell, i) => Math.max(cell.length, known[i] ?? 0)), []);
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
};

const attainmentRow = (name: string, figures: AttainmentFigures | undefined): string[] => {
  if (!figures) return [name];
  const { agreed, attained, missed, withdrawn, rateBasisPoints, rateWithoutWithdrawnBasisPoints } = figures;
  const counts = [agreed, attained, missed, withdrawn].map(number);
  return [name, ...counts, percent(rateBasisPoints), percent(rateWithoutWithdrawnBasisPoints)];
};

const attainmentTable = ({ data, figures }: Loaded): string[] => {
  const rows = [['', 'goals', 'attained', 'missed', 'withdrawn', 'rate', 'rate without withdrawn']];
  for (const module of new Set(data.presentations.map((one) => one.module))) {
    for (const { key, run } of data.presentations.filter((one) => one.module === module))
      rows.push(attainmentRow(`  ${module} ${run}`, figures.attainment[key]));
    rows.push(attainmentRow(module, figures.attainment[module]));
  }
  return table([...rows, attainmentRow('All', figures.attainment['all'])]);
};

const participationTable = ({ data, figures }: Loaded): string[] => {
  const days = [...shownDays.map(String), 'end'];
  const rows = [['as of day', '', ...days]];
  for (const { key, module, run } of data.presentations) {
    for (const count of ['registered', 'left', 'open'] as const) {
      const values = days.map((day) => {
        const value = figures.asOf[key]?.[day]?.[count];
        return value === undefined ? '-' : number(value);
      });
      rows.push([count === 'registered' ? `${module} ${run}` : '', count, ...values]);
    }
  }
  return table(rows);
};

const itemTable = ({ phases }: Loaded): string[] =>
  table(phases.flatMap(({ name, steps }) => steps.map(({ kind, count }) => [`${name}: ${kind}`, number(count)])));

const speedLine = ({ items, sent, seconds }: Loaded): string => {
  if (sent === 0) return `${number(items)} items, all there from an earlier run`;
  const rate = `${number(sent)} sent in ${seconds.toFixed(1)} s: ${number(Math.round(sent / seconds))} items/s`;
  return `${number(items)} items, ${rate}`;
};

/** The report to read, on 100 columns. */
export const reportText = (loaded: Loaded): string => {
  const { data, organisationId, refused, refusals, shortfall } = loaded;
  const odd = data.oddRows.list().map(({ count, reading }) => `${number(count).padStart(6)}  ${reading}`);
  const refusedLines = refusals.map(
    ({ phase, kind, code, message, count }) => `${number(count).padStart(6)}  ${phase}, ${kind}: ${code}, ${message}`,
  );
  return [
    'Open University Learning Analytics data set (Kuzilek, Hlosta, Zdrahal 2017, CC BY 4.0)',
    `Organisation ${organisationId}: ${number(data.students.length)} persons, ${number(data.registrations.length)} goals`,
    ...['', 'ATTAINMENT, final', ...attainmentTable(loaded)],
    ...['', 'PARTICIPATION as of days after the first day; end = last day', ...participationTable(loaded)],
    ...['', 'ODD ROWS: none dropped, none stops the import', ...odd],
    ...['', 'ITEMS', ...itemTable(loaded), speedLine(loaded)],
    ...['', `REFUSED: ${number(refused)}`, ...refusedLines],
    ...(shortfall ? ['', `INCOMPLETE: ${shortfall}`] : []),
  ].join('\n');
};
