import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

const generated = (root) => join(root, 'libs', 'contracts', 'src', 'generated');
const stampOf = (root) => join(generated(root), '.inputs');

/** Hash of all that the generated code depends on: proto/ and the versions of both generators. */
export const inputsOf = (root) => {
  const hash = createHash('sha256');
  const proto = join(root, 'proto');
  const files = readdirSync(proto, { recursive: true }).filter((name) => /\.(proto|yaml)$/.test(name));
  for (const name of files.sort()) hash.update(name).update(readFileSync(join(proto, name)));
  for (const name of ['ts-proto', '@bufbuild/buf'])
    hash.update(readFileSync(join(root, 'node_modules', name, 'package.json')));
  return hash.digest('hex');
};

/** Whether the contracts have to be generated. The stamp lies among them, so that it goes when they do. */
export const contractsAreStale = (root) =>
  !existsSync(stampOf(root)) || readFileSync(stampOf(root), 'utf8') !== inputsOf(root);

/** Runs `buf generate`. Throws with what buf said. */
export const generateContracts = async (root) => {
  const stamp = inputsOf(root);
  const buf = createRequire(join(root, 'package.json')).resolve('@bufbuild/buf/bin/buf');
  try {
    await promisify(execFile)(process.execPath, [buf, 'generate'], { cwd: join(root, 'proto') });
  } catch (error) {
    throw new Error(`buf generate failed: ${(error.stderr || error.message).trim()}`);
  }
  writeFileSync(stampOf(root), stamp);
};
