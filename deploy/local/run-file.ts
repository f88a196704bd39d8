import { startMark } from '@oppi/local-postgres';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A process with what tells it from a later one under the same id. */
type Noted = Readonly<{ pid: number; mark: string | undefined }>;

type Run = Readonly<{ starter: Noted; children: readonly Noted[] }>;

const path = (folder: string): string => join(folder, 'run.json');

const read = (folder: string): Run | undefined => {
  try {
    return existsSync(path(folder)) ? (JSON.parse(readFileSync(path(folder), 'utf8')) as Run) : undefined;
  } catch {
    return undefined; // half written when the machine went down
  }
};

const write = (folder: string, run: Run): void => {
  writeFileSync(`${path(folder)}.new`, JSON.stringify(run), { mode: 0o600 });
  renameSync(`${path(folder)}.new`, path(folder));
};

const note = (pid: number): Noted => ({ pid, mark: startMark(pid) });

const lives = ({ pid, mark }: Noted): boolean => mark !== undefined && startMark(pid) === mark;

const GRACE_MS = 10_000;

const endAll = async (children: readonly Noted[]): Promise<void> => {
  const left = (): readonly Noted[] => children.filter(lives);
  left().forEach(({ pid }) => process.kill(pid, 'SIGTERM'));
  const forceAt = performance.now() + GRACE_MS;
  while (left().length > 0) {
    if (performance.now() > forceAt) left().forEach(({ pid }) => process.kill(pid, 'SIGKILL'));
    await delay(50);
  }
};

/**
 * Claims the folder for this process and ends services that a killed starter left behind. Refused while the starter that
 * claimed it before still runs.
 */
export const claimRun = async (folder: string): Promise<void> => {
  const before = read(folder);
  if (before && lives(before.starter))
    throw new Error(
      `Oppi runs already, as process ${before.starter.pid} with its data in ${folder}. Stop that one first.`,
    );
  if (before) await endAll(before.children);
  write(folder, { starter: note(process.pid), children: [] });
};

/** Notes a process that must not outlive this run. */
export const noteChild = (folder: string, pid: number): void => {
  const run = read(folder) ?? { starter: note(process.pid), children: [] };
  write(folder, { ...run, children: [...run.children.filter(lives), note(pid)] });
};

export const endRun = (folder: string): void => rmSync(path(folder), { force: true });
