import { acknowledged, once, refused } from './commands';
import { drained, takenOnce } from './delivery';
import { replayed, summed } from './figures';
import type { Invariant } from './invariant';
import { balanced, billedOnce } from './money';
import { contiguous, ordered } from './order';
import { apart, sealed } from './privacy';
import { bounded, drainedAtEnd, honest, live } from './running';

/** Every invariant that is checked after a run, in the order of their ids. */
export const INVARIANTS: readonly Invariant[] = [
  acknowledged,
  once,
  refused,
  contiguous,
  ordered,
  takenOnce,
  replayed,
  drained,
  billedOnce,
  summed,
  balanced,
  apart,
  sealed,
  live,
  drainedAtEnd,
  honest,
  bounded,
];
