import { type AttainmentFigures, shownDays } from './figures';
import type { Loaded } from './load-oulad';
import { moneyLines } from './report-money';
import { number, percent, table } from './report-table';

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

/** Items by kind, over all stages. */
const itemTable = ({ phases }: Loaded): string[] => {
  const counts = new Map<string, number>();
  for (const { name, steps } of phases)
    for (const { kind, count } of steps) counts.set(`${name}: ${kind}`, (counts.get(`${name}: ${kind}`) ?? 0) + count);
  return table([...counts].map(([kind, count]) => [kind, number(count)]));
};

const timeLines = ({ time }: Loaded): string[] => {
  const presentations = Object.entries(time);
  if (presentations.length === 0) return ['TIME: left out, the data set has no clicks of a whole presentation'];
  const rows = presentations.map(([key, { persons, entries, clicks, minutes }]) => {
    return [key.replace('/', ' '), ...[persons, entries, clicks, minutes].map(number)];
  });
  const title = 'TIME: a minute a click, at most ten hours a day; read back person by person';
  return [title, ...table([['', 'persons', 'days', 'clicks', 'minutes logged'], ...rows])];
};

const speedLine = ({ items, sent, seconds }: Loaded): string => {
  if (sent === 0) return `${number(items)} items, all there from an earlier run`;
  const rate = `${number(sent)} sent in ${seconds.toFixed(1)} s: ${number(Math.round(sent / seconds))} items/s`;
  return `${number(items)} items, ${rate}`;
};

/** What is lacking in the figures: a line for everything that did not come in time. */
export const shortfallsOf = ({ shortfall, timeShortfall, billed }: Loaded): string[] =>
  [shortfall, timeShortfall, billed?.correction.shortfall].filter((one) => one !== undefined);

/** The report to read, on 100 columns. */
export const reportText = (loaded: Loaded): string => {
  const { data, organisationId, refused, refusals } = loaded;
  const shortfalls = shortfallsOf(loaded).map((one) => `INCOMPLETE: ${one}`);
  const odd = data.oddRows.list().map(({ count, reading }) => `${number(count).padStart(6)}  ${reading}`);
  const refusedLines = refusals.map(
    ({ phase, kind, code, message, count }) => `${number(count).padStart(6)}  ${phase}, ${kind}: ${code}, ${message}`,
  );
  return [
    'Open University Learning Analytics data set (Kuzilek, Hlosta, Zdrahal 2017, CC BY 4.0)',
    `Organisation ${organisationId}: ${number(data.students.length)} persons, ${number(data.registrations.length)} goals`,
    ...['', 'ATTAINMENT, final', ...attainmentTable(loaded)],
    ...['', 'PARTICIPATION as of days after the first day; end = last day', ...participationTable(loaded)],
    ...['', ...timeLines(loaded)],
    ...['', ...moneyLines(loaded)],
    ...['', 'ODD ROWS: none dropped, none stops the import', ...odd],
    ...['', 'ITEMS', ...itemTable(loaded), speedLine(loaded)],
    ...['', `REFUSED: ${number(refused)}`, ...refusedLines],
    ...(shortfalls.length > 0 ? ['', ...shortfalls] : []),
  ].join('\n');
};
