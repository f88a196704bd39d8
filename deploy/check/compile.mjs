// Compiles TypeScript folders into dist/, at the same path: `node deploy/check/compile.mjs libs/database services/goal`.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transformFile } from '@swc/core';

const root = join(import.meta.dirname, '..', '..');
const swc = { ...createRequire(import.meta.url)('../../swc.config.cjs'), cwd: root, swcrc: false, configFile: false };

const isSource = (path) => /\.ts$/.test(path) && !/(\.spec|\.d)\.ts$/.test(path) && !path.includes('/check/fixtures/');

const compileFile = async (path) => {
  const target = join(root, 'dist', path.replace(/\.ts$/, '.js'));
  const { code, map } = await transformFile(join(root, path), swc);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, `${code}\n//# sourceMappingURL=${basename(target)}.map\n`);
  await writeFile(`${target}.map`, map ?? '');
};

/** Replaces what dist/ holds of these folders, so that a deleted source leaves no module behind. Returns the number of files. */
export const compile = async (...folders) => {
  const found = await Promise.all(
    folders.map(async (folder) => {
      await rm(join(root, 'dist', folder), { recursive: true, force: true });
      const names = await readdir(join(root, folder), { recursive: true });
      return names.map((name) => join(folder, name)).filter(isSource);
    }),
  );
  const paths = found.flat();
  await Promise.all(paths.map(compileFile));
  return paths.length;
};

if (import.meta.url === pathToFileURL(process.argv[1]).href) await compile(...process.argv.slice(2));
