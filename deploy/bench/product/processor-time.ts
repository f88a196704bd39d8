import { readFileSync } from 'node:fs';

/** Clock ticks a second in /proc, the same on every Linux we know of. */
const TICKS = 100;

/** Seconds of processor time that processes have used so far, by id. */
export type Usage = ReadonlyMap<number, number>;

const secondsOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold anything; the fields after it are numbers: user time is the 12th of them, system time next.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
};

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

/** What a process and its children have used, as a PostgreSQL server has some; Linux only. */
export const usageOf = (pid: number): Usage => {
  const usage = new Map<number, number>();
  for (const each of [pid, ...childrenOf(pid)])
    try {
      usage.set(each, secondsOf(each));
    } catch {
      // A child that has just ended.
    }
  return usage;
};

/** Seconds used between two looks, by the processes that are still there. */
export const usedBetween = (before: Usage, now: Usage): number =>
  [...now].reduce((sum, [pid, seconds]) => sum + seconds - (before.get(pid) ?? 0), 0);
