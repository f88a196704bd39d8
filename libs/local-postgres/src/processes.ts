import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/**
 * Tells one life of a process id from the next: ids are reused, soon and often in containers. Undefined when no such
 * process runs; a zombie does not run, though signal 0 reaches it (nobody reaps it where the first process is no init).
 */
export const startMark = (pid: number): string | undefined => {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as another account.
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EPERM') return undefined;
  }
  if (process.platform !== 'linux') return 'running';
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; counted behind it, state is field 0 and the start time field 19.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
};

/** Ids of the processes that work in `folder`. Every process of a PostgreSQL server does in its data. Linux only; else none. */
export const processesIn = (folder: string): number[] => {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === folder;
      } catch {
        return false; // ended meanwhile, or belongs to somebody else
      }
    })
    .map(Number)
    .filter((pid) => startMark(pid) !== undefined);
};

/** Waits until `condition` holds, looking every 20 ms; false when `limitMs` passed first. */
export const waitUntil = async (condition: () => boolean, limitMs: number): Promise<boolean> => {
  const end = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
};

/** Sends a signal; a process that is gone already is no error. */
export const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch {
    // gone
  }
};
