import { spawn, type ChildProcess } from 'node:child_process';

/**
 * Runs in a process of its own and outlives ours: when our end of the pipe closes, however we died, it ends the processes
 * named to it, forces those that are still there after ten seconds, and removes the folders named to it.
 */
const SCRIPT = `
const { readFileSync, rmSync } = require('node:fs');
const watched = new Map();
let pending = '';
const runs = (pid) => {
  try { process.kill(pid, 0); } catch { return false; }
  try { return !/\\) Z /.test(readFileSync('/proc/' + pid + '/stat', 'utf8')); } catch { return process.platform !== 'linux'; }
};
const send = (pid, name) => { try { process.kill(pid, name); } catch {} };
process.on('SIGINT', () => {}).on('SIGTERM', () => {}).on('SIGHUP', () => {});
process.stdin.on('data', (chunk) => {
  const lines = (pending + chunk).split('\\n');
  pending = lines.pop();
  for (const { pid, signal, folders } of lines.map((line) => JSON.parse(line)))
    signal ? watched.set(pid, { signal, folders }) : watched.delete(pid);
});
process.stdin.on('end', () => {
  for (const [pid, { signal }] of watched) send(pid, signal);
  const until = Date.now() + 10000;
  const look = setInterval(() => {
    const left = [...watched.keys()].filter(runs);
    if (left.length > 0 && Date.now() < until) return;
    clearInterval(look);
    for (const pid of left) send(pid, 'SIGKILL');
    for (const { folders } of watched.values())
      for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }, 25);
});
`;

let guardian: ChildProcess | undefined;
const watched = new Set<number>();

const tell = (message: object): void => {
  guardian ??= hire();
  guardian.stdin?.write(`${JSON.stringify(message)}\n`);
};

const hire = (): ChildProcess => {
  const child = spawn(process.execPath, ['-e', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  child.stdin?.on('error', () => undefined); // it died; nothing can be told any more
  child.unref();
  // The pipe is a socket; it must not keep our process from ending.
  const pipe = child.stdin as unknown as { unref?: () => void } | null;
  pipe?.unref?.();
  return child;
};

/**
 * Makes sure that a process ends with ours, even when ours is killed with signal 9. It is sent `signal`, and `folders` are
 * removed behind it. Call the answer once the process has ended, so that a reused id is not hit.
 */
export const guard = (pid: number, signal: NodeJS.Signals, folders: readonly string[] = []): (() => void) => {
  watched.add(pid);
  tell({ pid, signal, folders });
  return () => {
    if (!watched.delete(pid)) return;
    tell({ pid });
    if (watched.size > 0) return;
    guardian?.stdin?.end();
    guardian = undefined;
  };
};
