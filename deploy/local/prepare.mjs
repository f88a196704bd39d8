// What stands between a fresh clone and code that runs. Each step looks first whether its inputs have changed.
import { realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { contractsAreStale, generateContracts } from './generate.mjs';
import { install, missingPackage } from './install.mjs';

/** The checkout, without symbolic links in its path: Node resolves those in modules, and both must name the same files. */
export const root = realpathSync(join(dirname(fileURLToPath(import.meta.url)), '..', '..'));

/** A failure that the reader can act on, in one line; system errors name the path they are about. */
export const oneLine = (error) => {
  if (error.code === 'EACCES' || error.code === 'EPERM' || error.code === 'EROFS')
    return `No permission for ${error.path ?? 'a file that is needed'} (${error.syscall ?? error.code}).`;
  return error.message;
};

// npm may be installed without being on the path, and tools in node_modules start `node` by name.
const useOwnTools = () => {
  const own = [join(root, 'node_modules', '.bin'), dirname(process.execPath)];
  process.env.PATH = [...own, process.env.PATH ?? ''].join(delimiter);
};

/** Brings node_modules, the generated contracts and dist/ up to date; takes well under a second when they are. */
export const prepare = async (progress) => {
  useOwnTools();
  const missing = missingPackage(root);
  if (missing) await progress('installing packages, a minute or two', () => install(root));
  if (contractsAreStale(root)) await progress('generating contracts', () => generateContracts(root));
  await build(root, progress);
};
