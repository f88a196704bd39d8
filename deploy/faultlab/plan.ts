import type { Fault } from './faults';
import type { Random } from './random';

/** One fault at its time, in milliseconds from the first. */
export type Planned = Readonly<{ at: number; nth: number; fault: Fault }>;

const SHORTEST_PAUSE_MS = 700;
const LONGEST_PAUSE_MS = 2_500;

/**
 * What happens when, drawn from the seed: every fault once before any comes again, some while others still last. Goes on
 * until the time is over, and at least until every fault was there when `each` is set.
 */
export const planOf = (
  faults: readonly Fault[],
  { durationMs, each = false }: { durationMs: number; each?: boolean },
  random: Random,
): Planned[] => {
  const plan: Planned[] = [];
  let at = 0;
  while (faults.length > 0 && (at < durationMs || (each && plan.length < faults.length)))
    for (const fault of random.shuffle(faults)) {
      if (at >= durationMs && !(each && plan.length < faults.length)) break;
      plan.push({ at, nth: plan.length, fault });
      at += random.between(SHORTEST_PAUSE_MS, LONGEST_PAUSE_MS);
    }
  return plan;
};

/** A part of a run, with a judgement at its end. */
export type Stretch = Readonly<{ name: string; plan: readonly Planned[] }>;

/** All faults in one stretch for a time, one over the other; or each in a stretch of its own when no time is given. */
export const stretchesOf = (
  faults: readonly Fault[],
  { mixedMs, name = 'all together' }: { mixedMs: number | undefined; name?: string },
  random: Random,
): Stretch[] =>
  mixedMs === undefined
    ? random.shuffle(faults).map((fault) => ({ name: fault.name, plan: [{ at: 0, nth: 0, fault }] }))
    : [{ name, plan: planOf(faults, { durationMs: mixedMs }, random.fork('plan')) }];
