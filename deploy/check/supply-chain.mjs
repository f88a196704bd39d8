// Checks what we take from others: every package pinned and with a checksum, its licence one of those below, and no install
// script but those that package.json has decided on (`allowScripts`; npm itself keeps to it).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const read = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'));

// Free to use, change and sell with, and no duty to publish what is built on them.
const LICENCES = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'PostgreSQL',
  'Python-2.0',
  'Unlicense',
]);

// Data for a tool that never leaves this repository: naming its makers is all that is asked.
const FOR_TOOLS = { 'node_modules/caniuse-lite': 'CC-BY-4.0' };

// These say MIT in an old form that npm does not carry into the lock file; read in their manifests.
const SAID_ELSEWHERE = new Set(['node_modules/buildcheck', 'node_modules/cpu-features', 'node_modules/ssh2']);

const licenceOf = (path, license) => license ?? (SAID_ELSEWHERE.has(path) ? 'MIT' : '');

/** Whether an SPDX expression leaves us a way to use the package: all parts of an AND, one of an OR. */
export const isFree = (expression) => {
  const plain = expression.replace(/^\(([^()]*)\)$/, '$1');
  if (plain.includes('(')) return false; // none is nested today; one that is wants a look
  const [one, ...others] = plain.split(' OR ');
  if (others.length > 0) return [one, ...others].some(isFree);
  return plain.split(' AND ').every((licence) => LICENCES.has(licence));
};

const nameOf = (path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** What is wrong with the packages of a lock file, a sentence each. */
export const complaintsOf = ({ packages }, manifest) => {
  const scripts = new Set(Object.keys(manifest.allowScripts ?? {}));
  const pinned = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  const loose = pinned.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
  const entries = Object.entries(packages).filter(([path]) => path !== '');
  return [
    ...loose.map(([name, version]) => `${name}: "${version}" is no exact version`),
    ...entries.flatMap(([path, { integrity, license, hasInstallScript }]) => [
      ...(integrity ? [] : [`${path}: no checksum`]),
      ...(isFree(licenceOf(path, license)) || FOR_TOOLS[path] === license
        ? []
        : [`${path}: licence "${license ?? ''}" is not on the list`]),
      ...(hasInstallScript && !scripts.has(nameOf(path))
        ? [`${path}: has an install script; decide on it in allowScripts of package.json`]
        : []),
    ]),
  ];
};

const check = () => {
  const lock = read('package-lock.json');
  const complaints = complaintsOf(lock, read('package.json'));
  for (const complaint of complaints) console.error(complaint);
  console.log(`${Object.keys(lock.packages).length - 1} packages, ${complaints.length} complaints`);
  process.exitCode = complaints.length > 0 ? 1 : 0;
};

if (process.argv[1] === import.meta.filename) check();
