/** Rows that a reader may stumble over, and how each is read. All are real; none is dropped and none stops the import. */
const readings = {
  'registration-without-date': 'registration without a date: in the final table, in no as-of row',
  'withdrawn-without-date': 'withdrawn without a date: counts as withdrawn from the end; the membership stays open',
  'left-before-first-day': 'left before the first day: registered and left on their dates',
  'left-on-registration-day': 'left on the day of registration: registered and left that day',
  'left-after-the-end': 'left after the last day: withdrawn on that day, open at the end',
  'failed-although-left': 'failed although they left: left in participation, missed by the board',
  'passed-without-submission': 'passed without a submission: attained on the board result alone',
  'submission-after-leaving': 'submission after leaving: progress on its date, changes no outcome',
  'submission-after-the-end': 'submission after the last day: progress on its date, changes no outcome',
  'submission-without-registration-date': 'submission of a registration without a date: progress on its date',
  'submission-without-score': 'submission without a score: progress without a measure',
  banked: 'banked result: progress marked as carried over',
  'banked-before-registration': 'banked, dated before the registration: progress on its date',
  'assessment-without-date': 'assessment without a date: milestone without a due date',
  'time-before-first-day': 'day with clicks before the first day: time on its date',
  'time-after-leaving': 'day with clicks after leaving: time on its date',
  'time-over-ten-hours': 'day of more than 600 clicks: 600 minutes',
  'minutes-over-ten-hours': 'clicks above 600 on such a day: no minute',
} as const;

export type OddKind = keyof typeof readings;

/** Counts odd rows as they are met. */
export class OddRows {
  private readonly counts = new Map<OddKind, number>();

  /** Counts one row of this kind, if it is one, or as many as are said. */
  count(kind: OddKind, met: boolean | number = true): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + Number(met));
  }

  /** Every kind, also one that was not met, with how it was read. */
  list(): { kind: OddKind; count: number; reading: string }[] {
    return (Object.keys(readings) as OddKind[]).map((kind) => ({
      kind,
      count: this.counts.get(kind) ?? 0,
      reading: readings[kind],
    }));
  }
}
