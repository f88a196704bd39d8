import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

const FOLDERS = ['libs', 'services', 'deploy'];

const isSource = (name) =>
  name.endsWith('.ts') && !/\.(spec|d)\.ts$/.test(name) && !/(^|[\\/])(node_modules|fixtures)[\\/]/.test(name);

const sourcesOf = (root) =>
  FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter(isSource)
      .map((name) => join(folder, name)),
  );

const hashOf = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');

const outputOf = (root, source) => join(root, 'dist', source.replace(/\.ts$/, '.js'));

// Whoever else writes into dist/ (nx build does) leaves another time behind, and the file counts as stale.
const timeOf = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs;

const readManifest = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {}; // first build, or one that was interrupted
  }
};

// A file that somebody is loading meanwhile is either the old or the new one.
const replace = (file, text) => {
  const unfinished = `${file}.${randomUUID()}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, file);
};

const compile = async (root, source, settings) => {
  const { transformFile } = createRequire(join(root, 'package.json'))('@swc/core');
  const { code, map } = await transformFile(join(root, source), settings);
  const output = outputOf(root, source);
  mkdirSync(dirname(output), { recursive: true });
  replace(`${output}.map`, map ?? '');
  replace(output, `${code}\n//# sourceMappingURL=${basename(output)}.map\n`);
};

/**
 * Compiles every source whose text, settings or output has changed since the last build, and removes the output of sources
 * that are gone. `progress` is called only if there is something to do.
 */
export const build = async (root, progress) => {
  const load = createRequire(join(root, 'package.json'));
  const settings = { ...load('./swc.config.cjs'), cwd: root, swcrc: false, configFile: false };
  const key = hashOf(JSON.stringify(settings), load('@swc/core/package.json').version);
  const manifestFile = join(root, 'dist', 'manifest.json');
  const before = readManifest(manifestFile);
  const hashes = sourcesOf(root).map((source) => [source, hashOf(key, readFileSync(join(root, source)))]);
  const current = new Set(hashes.map(([source]) => source));
  const gone = Object.keys(before).filter((source) => !current.has(source));
  const stale = hashes.filter(
    ([source, hash]) => before[source]?.hash !== hash || before[source].time !== timeOf(outputOf(root, source)),
  );
  if (gone.length === 0 && stale.length === 0) return;
  await progress(`building ${stale.length} of ${hashes.length} files`, async () => {
    for (const source of gone) rmSync(outputOf(root, source), { force: true });
    await Promise.all(stale.map(([source]) => compile(root, source, settings)));
  });
  const after = hashes.map(([source, hash]) => [source, { hash, time: timeOf(outputOf(root, source)) }]);
  replace(manifestFile, JSON.stringify(Object.fromEntries(after)));
};
