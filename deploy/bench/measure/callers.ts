import { type Summary, summarise } from './percentiles';

export type Load = Readonly<{
  /** Callers at once; each waits for its answer before it calls again. */
  callers: number;
  /** Not measured: caches and the compiler settle. */
  warmUpSeconds: number;
  seconds: number;
  /** Ends after so many calls, if it was not over before. */
  most?: number;
}>;

/**
 * Runs `call` for a while, as so many callers at once, and sums up the calls that ended within the measured time; at least
 * one, however long that takes.
 */
export const runCallers = async (load: Load, call: (caller: number) => Promise<unknown>): Promise<Summary> => {
  const { most = Infinity } = load;
  const times: number[] = [];
  const from = performance.now() + load.warmUpSeconds * 1_000;
  let until = from + load.seconds * 1_000;
  const isOver = (now: number): boolean => times.length >= most || (times.length > 0 && now >= until);
  const callAgainAndAgain = async (caller: number): Promise<void> => {
    for (let began = performance.now(); !isOver(began);) {
      await call(caller);
      const ended = performance.now();
      if (times.length === 0) until = Math.max(until, ended);
      if (ended >= from && ended <= until) times.push(ended - began);
      began = ended;
    }
  };
  await Promise.all(Array.from({ length: load.callers }, (_, caller) => callAgainAndAgain(caller)));
  return summarise(times, (Math.min(performance.now(), until) - from) / 1_000);
};
