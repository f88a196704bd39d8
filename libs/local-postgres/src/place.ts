import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  chownSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { serverAccount, type Account } from './account';
import { processesIn, signal, waitUntil } from './processes';

/** Where root puts what the server's account could not reach in the checkout; root alone may write beside it. */
const STAND_INS = '/var/lib/oppi-local';

/** A folder the server can work in, who works there, and where copies of programs may go. */
export type Place = Readonly<{ folder: string; account: Account | undefined; copies: string }>;

/**
 * True when the account can enter the folder. The system is asked, because access lists and mounts have a say; by path and
 * not as a working directory, which the child would take on while it is still root.
 */
const canEnter = (folder: string, account: Account): boolean =>
  spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { cwd: '/', ...account }).status === 0;

const removeLeftover = async (folder: string): Promise<void> => {
  const left = processesIn(join(folder, 'data'));
  left.forEach((pid) => signal(pid, 'SIGQUIT'));
  await waitUntil(() => processesIn(join(folder, 'data')).length === 0, 10_000);
  rmSync(folder, { recursive: true, force: true });
};

const standIn = async (wanted: string, account: Account): Promise<string> => {
  const name = createHash('sha256')
    .update(join(realpathSync(dirname(wanted)), basename(wanted)))
    .digest('hex');
  const folder = join(STAND_INS, name.slice(0, 16));
  // Whoever removed the project's folder wanted to start afresh: what it once pointed at goes too.
  await removeLeftover(folder);
  mkdirSync(STAND_INS, { recursive: true, mode: 0o755 });
  mkdirSync(folder, { mode: 0o700 });
  chownSync(folder, account.uid, account.gid);
  if (!canEnter(folder, account))
    throw new Error(`PostgreSQL cannot run as root, and its account cannot enter ${folder}.`);
  return folder;
};

const existing = (wanted: string): string | undefined => {
  if (!lstatSync(wanted, { throwIfNoEntry: false })) return undefined;
  if (existsSync(wanted)) return realpathSync(wanted);
  unlinkSync(wanted); // a link to nothing
  return undefined;
};

const usableAsSelf = (folder: string): Place => {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    throw new Error(`No permission to use ${folder}: another account made it. Remove it, or run as that account.`);
  }
  return { folder, account: undefined, copies: folder };
};

/**
 * Finds or makes the folder for a server's data. It is `wanted` itself; only when this is root and the server's account
 * cannot enter there (a home folder of mode 0700, say), `wanted` becomes a link to a folder of that account under /var/lib.
 * Permissions of folders that exist are never widened.
 */
export const preparePlace = async (wanted: string): Promise<Place> => {
  const known = existing(wanted);
  if (!known) {
    mkdirSync(dirname(wanted), { recursive: true });
    mkdirSync(wanted, { mode: 0o700 });
  }
  const folder = known ?? realpathSync(wanted);
  const account = serverAccount(folder);
  if (!account) return usableAsSelf(folder);
  if (readdirSync(folder).length === 0) chownSync(folder, account.uid, account.gid);
  if (canEnter(folder, account)) return { folder, account, copies: STAND_INS };
  if (readdirSync(folder).length > 0)
    throw new Error(
      `PostgreSQL cannot run as root, and its account cannot enter ${folder}. Remove it to start afresh.`,
    );
  const elsewhere = await standIn(wanted, account);
  rmdirSync(folder);
  symlinkSync(elsewhere, wanted);
  return { folder: elsewhere, account, copies: STAND_INS };
};

/** Removes a place with everything in it, the link to it included. */
export const removePlace = (wanted: string, folder: string): void => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(wanted, { recursive: true, force: true });
};
