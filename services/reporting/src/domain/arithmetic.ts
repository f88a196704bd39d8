import type { Attainment, Participation } from './figures';

/** Version of the rules below; a figure names the one that made it. A change of meaning is a new version. */
export const RULE_VERSION = 'attainment-1';

/** What became of a goal, or `open`. */
export const OUTCOMES = ['attained', 'missed', 'withdrawn', 'overdue', 'open'] as const;
export type OutcomeOrOpen = (typeof OUTCOMES)[number];
export type OutcomeCounts = Readonly<Record<OutcomeOrOpen, number>>;

export const NO_OUTCOMES: OutcomeCounts = { attained: 0, missed: 0, withdrawn: 0, overdue: 0, open: 0 };
export const NOBODY: Participation = { registered: 0, left: 0, open: 0 };

/** The sum, field by field. */
export const add = <T extends Readonly<Record<string, number>>>(a: T, b: T): T =>
  Object.fromEntries(Object.keys(a).map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)])) as T;

/** Part of a whole in basis points, rounded half up; nothing when the whole is nothing. Whole numbers throughout. */
export const basisPointsOf = (part: number, whole: number): number | undefined =>
  whole === 0 ? undefined : Math.floor((part * 20_000 + whole) / (2 * whole));

/** The figure that counts make. */
export const attainmentOf = (counts: OutcomeCounts): Attainment => {
  const { attained, missed, withdrawn, overdue, open } = counts;
  const agreed = attained + missed + withdrawn + overdue + open;
  const rate = basisPointsOf(attained, agreed);
  const without = basisPointsOf(attained, agreed - withdrawn);
  return {
    agreed,
    attained,
    missed,
    withdrawn,
    overdue,
    open,
    ...(rate !== undefined && { rateBasisPoints: rate }),
    ...(without !== undefined && { rateWithoutWithdrawnBasisPoints: without }),
  };
};
