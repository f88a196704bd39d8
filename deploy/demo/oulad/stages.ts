import type { DataSet, Presentation, Registration, TimeSheet } from './data-set';

/** What is told at one moment: the presentations that have just ended, and who is judged now. */
export type Stage = Readonly<{
  /** The instant at which it is told, ISO-8601 in UTC, and its local date. */
  at: string;
  date: string;
  /** Those that have just ended. */
  presentations: readonly Presentation[];
  /** Modules, students and registrations that no earlier stage has brought. */
  modules: readonly string[];
  students: readonly string[];
  registrations: readonly Registration[];
  /** Those whose last fact is over now. */
  judged: readonly Registration[];
  timeSheets: readonly TimeSheet[];
}>;

/** When nothing more happens to a registration, as the day that begins then: the end, or its last fact if that is later. */
const closingDay = ({ lateDays }: DataSet, registration: Registration): number =>
  lateDays.get(registration) ?? registration.presentation.calendar.lastDay + 1;

const closingTime = (data: DataSet, registration: Registration): string =>
  registration.presentation.calendar.startOf(closingDay(data, registration));

type Moment = Pick<Stage, 'at' | 'date'>;

/** 24:00 of every last day, and the moment of the very last fact if that is later. */
const momentsOf = (data: DataSet): Moment[] => {
  const ends = data.presentations.map(({ calendar }) => [calendar.end, calendar.dateOf(calendar.lastDay + 1)] as const);
  const late = [...data.lateDays].map(([{ presentation }, day]) => {
    return [presentation.calendar.startOf(day), presentation.calendar.dateOf(day)] as const;
  });
  const lastEnd =
    ends
      .map(([at]) => at)
      .sort()
      .at(-1) ?? '';
  const [last] = late
    .filter(([at]) => at > lastEnd)
    .sort()
    .slice(-1);
  const moments = new Map([...ends, ...(last ? [last] : [])]);
  return [...moments].sort().map(([at, date]) => ({ at, date }));
};

/** Of the names given, those that were never given before, each once. */
const firstTime = () => {
  const known = new Set<string>();
  return (names: readonly string[]): string[] => {
    const fresh = [...new Set(names)].filter((name) => !known.has(name));
    for (const name of fresh) known.add(name);
    return fresh;
  };
};

/**
 * The stages of a data set in the order of time. A presentation is brought in when it has ended, with everything but the
 * judgement of those to whom something happens later: nothing is told before it happened, and nothing after the judgement.
 */
export const stagesOf = (data: DataSet): Stage[] => {
  const moments = momentsOf(data);
  const newModules = firstTime();
  const newStudents = firstTime();
  return moments.map(({ at, date }, index) => {
    const before = moments[index - 1]?.at ?? '';
    const within = (time: string): boolean => time > before && time <= at;
    const presentations = data.presentations.filter(({ calendar }) => within(calendar.end));
    const registrations = data.registrations.filter(({ presentation }) => within(presentation.calendar.end));
    return {
      at,
      date,
      presentations,
      modules: newModules(presentations.map(({ module }) => module)),
      students: newStudents(registrations.map(({ student }) => student)),
      registrations,
      judged: data.registrations.filter((one) => within(closingTime(data, one))),
      timeSheets: data.timeSheets.filter(({ presentation }) => within(presentation.calendar.end)),
    };
  });
};
