import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A new folder for a product that goes with it. Others may pass through it but not look: as root, PostgreSQL works below it
 * under an account of its own, which would otherwise keep its data elsewhere, where they stay when the folder goes.
 */
export const temporaryFolder = (what: string): string => {
  const folder = mkdtempSync(join(tmpdir(), `oppi-${what}-`));
  chmodSync(folder, 0o711);
  return folder;
};
