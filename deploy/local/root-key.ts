import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, writeFileSync } from 'node:fs';

/**
 * Makes the file with the key that all others are wrapped with: 32 random bytes in base64, for its owner alone. One that
 * exists is never touched; without it no personal text can be read again.
 */
export const ensureRootKey = (file: string): void => {
  if (existsSync(file)) return;
  writeFileSync(`${file}.new`, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file); // complete or absent
};
