import { addDays } from '@oppi/event-sourcing';
import type { Days } from './local-days';

export type IsoWeek = Readonly<{ year: number; week: number }> & Days;

/** The ISO week of a local date: Monday to Sunday, in the year of its Thursday, so a year has 52 or 53 (rule T14). */
export const isoWeekOf = (localDate: string): IsoWeek => {
  const sinceMonday = (new Date(`${localDate}T00:00:00Z`).getUTCDay() + 6) % 7;
  const fromOn = addDays(localDate, -sinceMonday);
  const thursday = new Date(`${addDays(fromOn, 3)}T00:00:00Z`);
  const dayOfYear = (thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / 86_400_000;
  return {
    year: thursday.getUTCFullYear(),
    week: Math.floor(dayOfYear / 7) + 1,
    fromOn,
    untilOn: addDays(fromOn, 7),
  };
};

/** The weeks of some days, the first and the last one cut to them. */
export const isoWeeksIn = ({ fromOn, untilOn }: Days): IsoWeek[] => {
  const weeks: IsoWeek[] = [];
  for (let day = fromOn; day < untilOn; day = weeks.at(-1)?.untilOn ?? untilOn) {
    const week = isoWeekOf(day);
    weeks.push({ ...week, fromOn: day, untilOn: week.untilOn < untilOn ? week.untilOn : untilOn });
  }
  return weeks;
};
