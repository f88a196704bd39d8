import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const SIZE = '480m'; // a cluster with its databases and the log that a minute of load writes

/** A disk of memory for PostgreSQL's data, small enough to be filled. Only root may mount one. */
export class SmallDisk {
  private readonly ballast: string;

  private constructor(private readonly folder: string) {
    this.ballast = join(folder, 'ballast');
  }

  /** Mounts it at the folder; undefined where that is not possible. */
  static mount(folder: string): SmallDisk | undefined {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=0700`, 'faultlab', folder], { stdio: 'ignore' });
    } catch {
      return undefined; // a container that may not mount
    }
    return new SmallDisk(folder);
  }

  /** Leaves no room at all. */
  fill(): void {
    const file = openSync(this.ballast, 'a');
    const chunk = Buffer.alloc(1024 * 1024);
    let size = chunk.length;
    try {
      while (size >= 512) {
        try {
          writeSync(file, chunk, 0, size);
        } catch {
          size = Math.floor(size / 2);
        }
      }
    } finally {
      closeSync(file);
    }
  }

  /** Gives all the room back. */
  free(): void {
    const file = openSync(this.ballast, 'a');
    ftruncateSync(file, 0);
    closeSync(file);
    rmSync(this.ballast, { force: true });
  }

  freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.folder);
    return bavail * bsize;
  }

  unmount(): void {
    execFileSync('umount', ['-l', this.folder], { stdio: 'ignore' });
  }
}
