import { readFileSync } from 'node:fs';

/** Clock ticks a second in /proc, the same on every Linux we know of. */
const TICKS = 100;

/** Seconds of processor time that a process, without its children, has used so far; Linux only. */
export const processorSeconds = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold anything; the fields after it are numbers: user time is the 12th of them, system time next.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
};

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

/** The same of a process with its children, as a PostgreSQL server is. Children that ended in between are not counted. */
export const processorSecondsWithChildren = (pid: number): number =>
  [pid, ...childrenOf(pid)].reduce((sum, each) => sum + processorSeconds(each), 0);
