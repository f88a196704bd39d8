import type { PresentationCalendar } from './calendar';
import type { OddRows } from './odd-rows';

/** A run of a module, `AAA/2013J`. */
export type Presentation = Readonly<{
  key: string;
  module: string;
  /** Such as `2013J`. */
  run: string;
  calendar: PresentationCalendar;
  assessments: Assessment[];
}>;

/** `dueDay` is absent where the data set has none; the weight is in hundredths of a percent. */
export type Assessment = Readonly<{
  id: string;
  presentation: Presentation;
  dueDay: number | undefined;
  weightBasisPoints: number;
}>;

export const finalResults = ['Pass', 'Distinction', 'Fail', 'Withdrawn'] as const;
type FinalResult = (typeof finalResults)[number];

/** One student in one presentation: a membership and a goal. Days count from the presentation's first, which is 0. */
export type Registration = Readonly<{
  /** Such as `AAA/2013J/11391`. */
  key: string;
  student: string;
  presentation: Presentation;
  registeredDay: number | undefined;
  leftDay: number | undefined;
  result: FinalResult;
  /** Number of the row of studentInfo, from 1, and the hex SHA-256 of its text. */
  row: number;
  rowHash: string;
}>;

/** Whether the board's result attains the goal. */
export const hasPassed = ({ result }: Registration): boolean => result === 'Pass' || result === 'Distinction';

/** What a student handed in. The score, 0 to 100, is absent where there is none; a banked one is carried over. */
export type Submission = Readonly<{
  assessment: Assessment;
  registration: Registration;
  day: number;
  banked: boolean;
  score: number | undefined;
}>;

/** The time of one registration on one day, one minute a click. */
export type TimeEntry = Readonly<{ registration: Registration; day: number; minutes: number }>;

/** The time of a presentation whose clicks are there to the end. */
export type TimeSheet = Readonly<{
  presentation: Presentation;
  /** The earliest day with an entry. */
  firstDay: number;
  entryCount: number;
  clicks: number;
  minutes: number;
  /** The students with an entry, each once. */
  students: readonly string[];
  entries: () => AsyncIterable<TimeEntry>;
}>;

/** Everything but the submissions and the time, which are streamed from their files each time. */
export type DataSet = Readonly<{
  /** Hex SHA-256 of the files it is read from. */
  fingerprint: string;
  presentations: readonly Presentation[];
  /** Registrations in the order of studentInfo. */
  registrations: readonly Registration[];
  /** Each student once, in order of appearance. */
  students: readonly string[];
  submissionCount: number;
  /** How many submissions a registration has; none when it is not there. */
  submissionCounts: ReadonlyMap<Registration, number>;
  /** The day of the last fact of a registration that goes on after the end of its presentation. */
  lateDays: ReadonlyMap<Registration, number>;
  /** Only of presentations that have such a file. */
  timeSheets: readonly TimeSheet[];
  oddRows: OddRows;
  submissions: () => AsyncIterable<Submission>;
}>;
