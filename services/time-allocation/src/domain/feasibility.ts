import { addDays } from '@oppi/event-sourcing';
import { countDays, countShared, type Days } from './local-days';

export type Grant = Readonly<{ minutesPerWeek: number; effectiveOn: string }>;
/** What a goal needs of its learner's time, from the day it was planned to the end of its due day. */
export type Plan = Readonly<{ goalId: string; neededMinutes: number; plannedOn: string; dueOn: string }>;

export type Feasibility = Readonly<{
  status: 'feasible' | 'short' | 'no-policy';
  neededMinutes: number;
  givenMinutes: number;
  promisedMinutes: number;
}>;

/**
 * How minutes are counted, told with every figure (rule T15): a day is given a seventh of its week's minutes, and a stretch
 * of days the whole minutes in their sum, rounded down once; a plan is spread evenly over its days, its share rounded up.
 */
export const RULE = 'sevenths-down-plans-even-up-1';

export const NEVER = '9999-12-31';

/** The minutes given on some days; grants in the order of their days. A change in mid-week is split by day (rule T1). */
export const minutesGiven = (grants: readonly Grant[], days: Days): number => {
  const sevenths = grants.map(({ minutesPerWeek, effectiveOn }, i) => {
    const inForce = { fromOn: effectiveOn, untilOn: grants[i + 1]?.effectiveOn ?? NEVER };
    return minutesPerWeek * countShared(inForce, days);
  });
  return Math.floor(sevenths.reduce((sum, each) => sum + each, 0) / 7);
};

/** What a plan takes of some days. */
export const minutesNeeded = ({ neededMinutes, plannedOn, dueOn }: Plan, days: Days): number => {
  const planned = { fromOn: plannedOn, untilOn: addDays(dueOn, 1) };
  return Math.ceil((neededMinutes * countShared(planned, days)) / countDays(planned));
};

/** The minutes needed by the end of the due day against those given from a day on and not promised to earlier plans. */
export const feasibility = (
  grants: readonly Grant[],
  earlier: readonly Plan[],
  asked: Readonly<{ neededMinutes: number; fromOn: string; dueOn: string }>,
): Feasibility => {
  const { neededMinutes, fromOn, dueOn } = asked;
  const days = { fromOn, untilOn: addDays(dueOn, 1) };
  const givenMinutes = minutesGiven(grants, days);
  const promisedMinutes = earlier.reduce((sum, plan) => sum + minutesNeeded(plan, days), 0);
  const enough = neededMinutes <= givenMinutes - promisedMinutes;
  const hasPolicy = grants.some(({ effectiveOn }) => effectiveOn <= dueOn);
  return {
    status: !hasPolicy ? 'no-policy' : enough ? 'feasible' : 'short',
    neededMinutes,
    givenMinutes,
    promisedMinutes,
  };
};
