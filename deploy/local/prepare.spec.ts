import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { ROOT } from './layout';

/** Runs a function of one of the plain modules in a process of its own; answers what `print` was called with. */
const run = async (module: string, body: string): Promise<string[]> => {
  const url = pathToFileURL(join(ROOT, 'deploy/local', module)).href;
  const script = `import * as it from ${JSON.stringify(url)};
    const print = (text) => console.log(String(text));
    ${body}`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  return stdout.split('\n').filter(Boolean);
};

describe('what npm start does before the product runs', () => {
  let root: string;

  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'oppi prepare '));
    write('package.json', '{}');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  describe('building', () => {
    const build = (): Promise<string[]> =>
      run('build.mjs', `await it.build(${JSON.stringify(root)}, (name, work) => (print(name), work()));`);
    const output = (): string => readFileSync(join(root, 'dist/libs/one.js'), 'utf8');

    beforeEach(() => {
      symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
      write(
        'swc.config.cjs',
        `module.exports = { jsc: { parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } };`,
      );
      write('libs/one.ts', 'export const one: number = 1;');
      write('services/two.ts', 'export const two: number = 2;');
      write('deploy/three.spec.ts', 'a test is not built');
    });

    it('compiles every source but the tests, and nothing the second time', async () => {
      expect(await build()).toEqual(['building 2 of 2 files']);
      expect(output()).toMatch(/one = 1;[^]*sourceMappingURL=one.js.map/);
      expect(existsSync(join(root, 'dist/deploy'))).toBe(false);
      expect(await build()).toEqual([]);
    });

    it('compiles what changed, and drops what is gone', async () => {
      await build();
      write('libs/one.ts', 'export const one: number = 11;');
      unlinkSync(join(root, 'services/two.ts'));
      expect(await build()).toEqual(['building 1 of 1 files']);
      expect(output()).toContain('one = 11');
      expect(existsSync(join(root, 'dist/services/two.js'))).toBe(false);
    });

    it('compiles again what somebody else wrote or removed in dist', async () => {
      await build();
      write('dist/libs/one.js', 'exports.one = 0;');
      unlinkSync(join(root, 'dist/services/two.js'));
      expect(await build()).toEqual(['building 2 of 2 files']);
      expect(output()).toContain('one = 1;');
    });

    it('compiles all again when the settings change', async () => {
      await build();
      write('swc.config.cjs', `module.exports = { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } };`);
      expect(await build()).toEqual(['building 2 of 2 files']);
    });
  });

  describe('installing', () => {
    const missing = (): Promise<string[]> => run('install.mjs', `print(it.missingPackage(${JSON.stringify(root)}));`);
    const lock = (packages: object): string => JSON.stringify({ packages: { '': {}, ...packages } });
    const pg = { 'node_modules/pg': { version: '8.0.0' } };
    const foreign = { 'node_modules/for-another-system': { version: '1.0.0', optional: true } };

    beforeEach(() => write('package-lock.json', lock({ ...pg, ...foreign })));

    it('is needed when there are no packages at all', async () => {
      expect(await missing()).toEqual(['node_modules']);
    });

    it('is not needed when all are there, but for those of other systems', async () => {
      write('node_modules/.package-lock.json', lock(pg));
      expect(await missing()).toEqual(['undefined']);
    });

    it.each([
      ['is missing', {}],
      ['has another version', { 'node_modules/pg': { version: '7.0.0' } }],
    ])('is needed when a package %s', async (_what, installed) => {
      write('node_modules/.package-lock.json', lock(installed));
      expect(await missing()).toEqual(['node_modules/pg']);
    });
  });

  it('generates contracts again when proto/, a generator or the result changed', async () => {
    const stale = (): Promise<string[]> => run('generate.mjs', `print(it.contractsAreStale(${JSON.stringify(root)}));`);
    const stamp = 'libs/contracts/src/generated/.inputs';
    for (const name of ['ts-proto', '@bufbuild/buf']) write(`node_modules/${name}/package.json`, '{}');
    write('proto/a/v1/a.proto', 'syntax = "proto3";');
    expect(await stale()).toEqual(['true']);
    // The stamp is the hash that the module itself computes; a generation writes it at its end.
    write(stamp, (await run('generate.mjs', `print(it.inputsOf(${JSON.stringify(root)}));`))[0] ?? '');
    expect(await stale()).toEqual(['false']);
    write('proto/a/v1/a.proto', 'syntax = "proto3"; package a.v1;');
    expect(await stale()).toEqual(['true']);
    write('proto/a/v1/a.proto', 'syntax = "proto3";');
    write('node_modules/ts-proto/package.json', '{ "version": "2" }');
    expect(await stale()).toEqual(['true']);
  });
});
