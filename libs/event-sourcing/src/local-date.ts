const formats = new Map<string, Intl.DateTimeFormat>();

const formatFor = (timeZone: string): Intl.DateTimeFormat => {
  let format = formats.get(timeZone);
  if (!format) {
    // en-CA writes dates as YYYY-MM-DD.
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    formats.set(timeZone, format);
  }
  return format;
};

/**
 * The calendar date, `YYYY-MM-DD`, of an instant in a time zone. 24:00 of a day is 00:00 of the next,
 * so something effective at 24:00 of the 30th has the date of the 31st.
 */
export const localDateOf = (instant: string | Date, timeZone: string): string =>
  formatFor(timeZone).format(typeof instant === 'string' ? new Date(instant) : instant);

/** Whether an instant lies at or before 24:00 of a local date (rules G22 and A4: the boundary counts). */
export const endsBy = (instant: string, localDate: string, timeZone: string): boolean =>
  localDateOf(new Date(Date.parse(instant) - 1), timeZone) <= localDate;

/** The local date some days later (or earlier). Calendar arithmetic: no time zone, no clock changes. */
export const addDays = (localDate: string, days: number): string => {
  const date = new Date(`${localDate}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
};
