/** What time-allocation answers: whether the minutes a goal needs fit in those given until it is due. */
export type FeasibilityAnswer = Readonly<{
  status: 'feasible' | 'short' | 'no-policy';
  givenMinutes: number;
  /** Of those given, promised to goals planned earlier. */
  promisedMinutes: number;
  /** The rule by which they were counted. */
  rule: string;
}>;

/** `unknown`: nobody answered in time. `not-asked`: history, no learner, or nothing estimated. */
export type NoAnswer = Readonly<{ status: 'unknown' | 'not-asked' }>;

/** What was known of a goal's feasibility when it was agreed: a fact, never asked again. Without estimates the minutes are 0. */
export type Feasibility = Readonly<{ neededMinutes: number }> & (FeasibilityAnswer | NoAnswer);
