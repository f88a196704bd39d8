import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/**
 * Name of a package that package-lock.json asks for and node_modules lacks; undefined when all are there. Versions are
 * compared and not file times: a checkout of another branch changes times without need, and a copy changes need without times.
 */
export const missingPackage = (root) => {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return 'node_modules';
  const present = packagesOf(installed);
  const wanted = Object.entries(packagesOf(join(root, 'package-lock.json'))).filter(([path]) => path !== '');
  // Packages for other systems are optional and rightly absent.
  const missing = wanted.find(([path, { version, optional }]) =>
    present[path] ? present[path].version !== version : !optional,
  );
  return missing?.[0];
};

const npm = () => {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('.js')) return [process.execPath, cli];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
};

/** Runs `npm ci`. Throws with the last lines npm wrote. */
export const install = async (root) => {
  accessSync(root, constants.W_OK);
  const [command, ...first] = npm();
  // Building needs the development packages too, which NODE_ENV=production would leave out.
  const args = [...first, 'ci', '--include=dev', '--no-audit', '--no-fund', '--no-progress'];
  const { NODE_ENV: _, ...env } = process.env;
  const child = spawn(command, args, {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: command.endsWith('.cmd'),
  });
  const interrupt = () => child.kill('SIGTERM'); // npm must not work on alone when we are told to stop
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (said = (said + chunk).slice(-4_000)));
  const code = await new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`npm could not be started: ${error.message}`)));
    child.once('close', resolve);
  });
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  if (child.signalCode) throw new Error('The installation was interrupted.');
  if (code !== 0)
    throw new Error(`npm ci failed with exit code ${code}:\n${said.trim().split('\n').slice(-8).join('\n')}`);
};
