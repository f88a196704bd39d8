import { readdirSync, readFileSync } from 'node:fs';
import type { Resources } from './facts';
import type { LabProcess } from './lab-process';

const PAGE_BYTES = 4_096;

/** What a process holds of memory and descriptors. Linux only; undefined elsewhere and for one that is gone. */
export const resourcesOf = ({ name, part }: LabProcess): Resources | undefined => {
  const pid = part.pid();
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    const descriptors = readdirSync(`/proc/${pid}/fd`).length;
    return { process: name, pid, rssBytes: pages * PAGE_BYTES, descriptors };
  } catch {
    return undefined;
  }
};
