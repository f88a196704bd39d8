import { spawn } from 'node:child_process';
import { chownSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { passwordOf } from './passwords';
import type { Place } from './place';

/** The superuser's name in every cluster of ours. */
export const SUPERUSER = 'postgres';

/** Nothing of our own environment reaches the server: it may hold secrets, or settings for PostgreSQL (PG…). */
export const serverEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  SystemRoot: process.env['SystemRoot'],
  LC_ALL: 'C',
  TZ: 'UTC',
});

const run = (program: string, args: readonly string[], place: Place): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: place.folder,
      env: serverEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe'],
      ...place.account,
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`initdb failed: ${said.trim()}`))));
  });

/** Makes a database cluster in the place unless there is one. Never leaves half of one under the final name. */
export const ensureCluster = async (place: Place, bin: string): Promise<string> => {
  const data = join(place.folder, 'data');
  if (existsSync(join(data, 'PG_VERSION'))) return data;
  const unfinished = join(place.folder, 'data.new');
  const secret = join(place.folder, 'initdb-password');
  rmSync(unfinished, { recursive: true, force: true });
  writeFileSync(secret, passwordOf(place.folder, SUPERUSER), { mode: 0o600 });
  if (place.account) chownSync(secret, place.account.uid, place.account.gid);
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--encoding=UTF8'];
  const access = ['--username', SUPERUSER, '--auth=scram-sha-256', '--pwfile', secret];
  try {
    await run(join(bin, 'initdb'), ['--pgdata', unfinished, ...access, ...locale, '--no-instructions'], place);
  } finally {
    rmSync(secret, { force: true });
  }
  renameSync(unfinished, data);
  return data;
};
