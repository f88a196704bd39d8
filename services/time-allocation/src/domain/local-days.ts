/** Local dates from `fromOn` up to and without `untilOn` (rule T14). Calendar days: no clock change makes one shorter. */
export type Days = Readonly<{ fromOn: string; untilOn: string }>;

const DAY_MS = 86_400_000;
const dayNumber = (localDate: string): number => Date.parse(`${localDate}T00:00:00Z`) / DAY_MS;

export const countDays = ({ fromOn, untilOn }: Days): number => Math.max(0, dayNumber(untilOn) - dayNumber(fromOn));

/** How many days lie in both. */
export const countShared = (one: Days, other: Days): number =>
  countDays({
    fromOn: one.fromOn > other.fromOn ? one.fromOn : other.fromOn,
    untilOn: one.untilOn < other.untilOn ? one.untilOn : other.untilOn,
  });
