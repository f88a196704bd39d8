import { DateTime } from 'luxon';
import { DataSetError } from './csv';

/** The client's time zone: every day of the data set is a day there. */
export const timeZone = 'Europe/London';

const firstMonth: Readonly<Record<string, number>> = { B: 2, J: 10 };

const firstDayOf = (presentation: string): DateTime => {
  const [, year, letter] = /^(\d{4})([BJ])$/.exec(presentation) ?? [];
  const month = firstMonth[letter ?? ''];
  if (!year || !month) throw new DataSetError(`courses: "${presentation}" is no presentation such as 2013J.`);
  return DateTime.fromObject({ year: Number(year), month, day: 1 }, { zone: timeZone });
};

/** Days of a presentation as calendar dates and instants. Day 0 is its first day; its last has the number of its length. */
export class PresentationCalendar {
  private readonly firstDay: DateTime;
  // The same few hundred days come up hundreds of thousands of times, and a zone's arithmetic is slow.
  private readonly known = new Map<number, Readonly<{ date: string; start: string }>>();

  /** `B` starts on 1 February and `J` on 1 October of its year. Throws DataSetError for any other name. */
  constructor(
    presentation: string,
    readonly lastDay: number,
  ) {
    this.firstDay = firstDayOf(presentation);
  }

  /** Local date, `YYYY-MM-DD`, of a day. */
  dateOf(day: number): string {
    return this.on(day).date;
  }

  /** The instant, ISO-8601 in UTC, of 00:00 on a day: an hour earlier in UTC while summer time lasts. */
  startOf(day: number): string {
    return this.on(day).start;
  }

  /** 24:00 of the last day, which is 00:00 of the day after: what holds from then shows from the day after. */
  get end(): string {
    return this.startOf(this.lastDay + 1);
  }

  private on(day: number): Readonly<{ date: string; start: string }> {
    const known = this.known.get(day);
    if (known) return known;
    const time = this.firstDay.plus({ days: day });
    const found = { date: time.toFormat('yyyy-MM-dd'), start: time.toJSDate().toISOString() };
    this.known.set(day, found);
    return found;
  }
}
