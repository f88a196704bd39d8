import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const path = (folder: string): string => join(folder, 'passwords.json');

const read = (folder: string): Record<string, string> =>
  existsSync(path(folder)) ? (JSON.parse(readFileSync(path(folder), 'utf8')) as Record<string, string>) : {};

/** The password of a database role, from the file of mode 0600 beside the data; a random one of 192 bits at first use. */
export const passwordOf = (folder: string, role: string): string => {
  const known = read(folder);
  const password = known[role];
  if (password) return password;
  const made = randomBytes(24).toString('base64url');
  writeFileSync(`${path(folder)}.new`, JSON.stringify({ ...known, [role]: made }, null, 2), { mode: 0o600 });
  renameSync(`${path(folder)}.new`, path(folder)); // a crash in between must not lose the superuser's
  return made;
};
