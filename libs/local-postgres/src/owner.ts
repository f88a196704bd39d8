import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processesIn, signal, startMark, waitUntil } from './processes';

type Owner = Readonly<{ pid: number; mark: string }>;

const path = (folder: string): string => join(folder, 'owner.json');

/** Claims the folder for this process. Refused while the process that claimed it before still lives. */
export const claim = (folder: string): void => {
  if (existsSync(path(folder))) {
    const { pid, mark } = readOwner(folder);
    if (startMark(pid) === mark) throw new Error(`The data in ${folder} are in use by process ${pid}. Stop it first.`);
  }
  writeFileSync(path(folder), JSON.stringify({ pid: process.pid, mark: startMark(process.pid) }), { mode: 0o600 });
};

const readOwner = (folder: string): Owner => {
  try {
    return JSON.parse(readFileSync(path(folder), 'utf8')) as Owner;
  } catch {
    return { pid: 0, mark: '' }; // half written by a process that died
  }
};

export const giveUp = (folder: string): void => rmSync(path(folder), { force: true });

/**
 * Ends a server that a killed process left on these data, fast at first and forced after `limitMs`, and clears a stale
 * `postmaster.pid`: PostgreSQL would refuse to start when that id belongs to a zombie or to somebody else by now.
 */
export const endOrphan = async (data: string, limitMs = 20_000): Promise<void> => {
  const pidFile = join(data, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const left = (): number[] => (process.platform === 'linux' ? processesIn(data) : postmasterOf(pidFile));
  const [postmaster] = postmasterOf(pidFile);
  if (postmaster && left().includes(postmaster)) signal(postmaster, 'SIGINT');
  // Without their postmaster its children end by themselves; those busy in a long query do not.
  else left().forEach((pid) => signal(pid, 'SIGQUIT'));
  if (!(await waitUntil(() => left().length === 0, limitMs))) left().forEach((pid) => signal(pid, 'SIGKILL'));
  if (!(await waitUntil(() => left().length === 0, 5_000)))
    throw new Error(`Processes ${left().join(', ')} still work on ${data} and could not be ended.`);
  rmSync(pidFile, { force: true });
};

const postmasterOf = (pidFile: string): number[] => {
  if (!existsSync(pidFile)) return [];
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  return pid > 0 && startMark(pid) !== undefined ? [pid] : [];
};
