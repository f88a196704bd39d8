import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { serverAccount } from './account';
import { installedPostgres, runnableBinaries } from './binaries';

describe('the programs of PostgreSQL', () => {
  let base: string;
  let installed: string;
  let copies: string;
  const account = serverAccount(tmpdir());

  const runs = (bin: string): string =>
    spawnSync(join(bin, 'postgres'), ['--version'], { cwd: '/', ...account }).stdout.toString();

  /** As npm leaves it when install scripts are switched off. */
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'oppi programs '));
    installed = join(base, 'package', 'native');
    copies = join(base, 'copies');
    mkdirSync(copies);
    cpSync(dirname(installedPostgres()), dirname(installed), { recursive: true, verbatimSymlinks: true });
    for (const entry of readdirSync(join(installed, 'lib'), { withFileTypes: true }))
      if (entry.isSymbolicLink()) unlinkSync(join(installed, 'lib', entry.name));
    chmodSync(base, 0o755);
  });
  afterEach(() => {
    chmodSync(join(installed, 'lib'), 0o755);
    rmSync(base, { recursive: true });
  });

  it('get the library links that no install script made, where they are', () => {
    const bin = runnableBinaries(copies, account, installed);
    expect(bin).toBe(join(installed, 'bin'));
    expect(runs(bin)).toContain('PostgreSQL');
    expect(readdirSync(copies)).toEqual([]);
  });

  it('run from a copy when their folder is closed to the account, or links cannot be made there', () => {
    chmodSync(join(installed, 'bin', 'postgres'), 0o700); // as npm writes under a strict umask
    // Root writes anywhere, but its stand-in cannot enter; anyone else can enter, but cannot write.
    if (account) chmodSync(dirname(installed), 0o700);
    else chmodSync(join(installed, 'lib'), 0o555);
    const bin = runnableBinaries(copies, account, installed);
    expect(bin.startsWith(copies)).toBe(true);
    expect(runs(bin)).toContain('PostgreSQL');
    expect(runnableBinaries(copies, account, installed)).toBe(bin);
    expect(readdirSync(copies)).toHaveLength(1);
  });
});
