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
