import { DataSetError, readTable, wholeNumber } from './csv';
import type { Presentation, Registration, TimeEntry, TimeSheet } from './data-set';
import type { OddRows } from './odd-rows';

/** A click is a minute, but nobody learns more than ten hours on a day. */
const mostMinutes = 600;

const columns = ['code_module', 'code_presentation', 'id_student', 'id_site', 'date', 'sum_click'];

/** Name of the table of a presentation's clicks. One that is cut off has a longer name, and is not used. */
export const timeTable = ({ module, run }: Presentation): string => `studentVle_${module}_${run}`;

type Clicks = Readonly<{ registration: Registration; day: number; clicks: number }>;
type Registrations = ReadonlyMap<string, Registration>;

/**
 * The clicks of each registration on each day. The file goes by day, so no more than a day of it is held. Throws
 * DataSetError for a row of nobody, and for a day that comes back: it would be two entries where there must be one.
 */
async function* readClicks(folder: string, presentation: Presentation, registrations: Registrations) {
  const table = timeTable(presentation);
  let day = -Infinity;
  let clicksOf = new Map<Registration, number>();
  const ofDay = (): Clicks[] => [...clicksOf].map(([registration, clicks]) => ({ registration, day, clicks }));
  for await (const row of readTable(folder, table, columns)) {
    const [module, run, student] = row.cells;
    const registration = registrations.get(`${module}/${run}/${student}`);
    const [on, clicks] = [wholeNumber(table, row, 4), wholeNumber(table, row, 5)];
    if (registration?.presentation !== presentation || on === undefined || !clicks || clicks < 0)
      throw new DataSetError(
        `${table} row ${row.number}: no clicks of a registration of ${presentation.key} on a day.`,
      );
    if (on < day) throw new DataSetError(`${table} row ${row.number}: day ${on} comes after day ${day}.`);
    if (on > day) {
      yield* ofDay();
      day = on;
      clicksOf = new Map();
    }
    clicksOf.set(registration, (clicksOf.get(registration) ?? 0) + clicks);
  }
  yield* ofDay();
}

const minutesOf = (clicks: number): number => Math.min(clicks, mostMinutes);

async function* readTime(clicks: AsyncIterable<Clicks>): AsyncGenerator<TimeEntry> {
  for await (const { registration, day, clicks: some } of clicks) yield { registration, day, minutes: minutesOf(some) };
}

/** The time of a presentation: counted now, read again each time it is asked for. */
export const readTimeSheet = async (
  folder: string,
  presentation: Presentation,
  registrations: Registrations,
  odd: OddRows,
): Promise<TimeSheet> => {
  const read = () => readClicks(folder, presentation, registrations);
  let [entryCount, clicks, minutes, firstDay] = [0, 0, 0, Infinity];
  const students = new Set<string>();
  for await (const { registration, day, clicks: some } of read()) {
    entryCount++;
    clicks += some;
    minutes += minutesOf(some);
    firstDay = Math.min(firstDay, day);
    students.add(registration.student);
    odd.count('time-before-first-day', day < 0);
    odd.count('time-after-leaving', registration.leftDay !== undefined && day > registration.leftDay);
    odd.count('time-over-ten-hours', some > mostMinutes);
    odd.count('minutes-over-ten-hours', some - minutesOf(some));
  }
  const counted = { presentation, firstDay, entryCount, clicks, minutes, students: [...students] };
  return { ...counted, entries: () => readTime(read()) };
};
