// Proves that the checks bite: each fixture breaks one rule on purpose and must be refused by exactly that rule.
// Boundary rules fall silent without saying so when Nx has no project graph, or a resolver finds nothing.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ESLint } from 'eslint';
import { readReport } from './jest-report.mjs';

const root = join(import.meta.dirname, '..', '..');
const fixtures = join(import.meta.dirname, 'fixtures');

/** File → the rule that must refuse it; files not named here must pass. */
const expected = {
  'kernel-uses-database/src/index.ts': '@nx/enforce-module-boundaries',
  'kernel-uses-database/src/external.ts': '@nx/enforce-module-boundaries',
  'service-uses-local-issuer/src/index.ts': '@nx/enforce-module-boundaries',
  'services/sample/src/features/two/middleware.ts':
    'no-restricted-imports, no-restricted-imports, no-restricted-syntax',
  'services/sample/src/features/two/global-guard.ts':
    'no-restricted-imports, no-restricted-syntax, no-restricted-syntax',
  'services/sample/src/domain/impure.ts': 'no-restricted-imports',
  'services/sample/src/domain/backwards.ts': 'import-x/no-restricted-paths',
  'services/sample/src/features/two/neighbour.ts': 'import-x/no-restricted-paths',
  'services/sample/src/features/two/wiring.ts': 'import-x/no-restricted-paths',
  'services/sample/src/features/two/in-memory-bus.ts': 'no-restricted-imports',
  'services/sample/src/features/two/chicken.ts': 'import-x/no-cycle',
  'services/sample/src/features/two/egg.ts': 'import-x/no-cycle',
};

const proveLint = async () => {
  const results = await new ESLint({ cwd: root, ignore: false }).lintFiles([
    `${fixtures}/{kernel-uses-database,service-uses-local-issuer,services}/**/*.ts`,
  ]);
  const refused = Object.fromEntries(
    results.map(({ filePath, messages }) => [
      relative(fixtures, filePath),
      messages.map(({ ruleId }) => ruleId).join(', '),
    ]),
  );
  return [...new Set([...Object.keys(expected), ...Object.keys(refused)])]
    .filter((file) => (expected[file] ?? '') !== (refused[file] ?? ''))
    .map((file) => `${file}: expected to be refused by "${expected[file] ?? ''}", was by "${refused[file] ?? ''}"`);
};

const runUnavailable = (ci) => {
  const folder = mkdtempSync(join(tmpdir(), 'oppi-proof-'));
  const report = join(folder, 'report.json');
  const jest = join(root, 'node_modules', '.bin', 'jest');
  const args = ['--config', join(fixtures, 'unavailable', 'jest.config.cjs'), '--json', `--outputFile=${report}`];
  const { status } = spawnSync(jest, args, { cwd: root, env: { ...process.env, CI: ci }, stdio: 'ignore' });
  const { passed, failed, skipped, notRun } = readReport(report);
  rmSync(folder, { recursive: true, force: true });
  return JSON.stringify({ succeeded: status === 0, passed, failed, skipped, notRun: notRun.length });
};

/** A suite without what it needs is skipped at a desk and fails in continuous integration; it never passes. */
const proveUnavailable = () => {
  const cases = [
    ['', { succeeded: true, passed: 1, failed: 0, skipped: 1, notRun: 1 }],
    ['true', { succeeded: false, passed: 1, failed: 1, skipped: 0, notRun: 1 }],
  ];
  return cases
    .map(([ci, wanted]) => ({ ci, wanted: JSON.stringify(wanted), was: runUnavailable(ci) }))
    .filter(({ wanted, was }) => wanted !== was)
    .map(({ ci, wanted, was }) => `unavailable suite with CI="${ci}": expected ${wanted}, was ${was}`);
};

/** An event that could hold what somebody said is refused by its field. */
const proveEventFields = () => {
  const script = join(import.meta.dirname, 'event-fields.mjs');
  const folder = relative(root, join(fixtures, 'event-fields'));
  const { status, stderr } = spawnSync(process.execPath, [script, folder], { cwd: root, encoding: 'utf8' });
  const refused = [...stderr.matchAll(/NoteTaken\.([a-z.]+) can/g)].map(([, field]) => field).join(', ');
  return status === 1 && refused === 'parts.said, more, tags' ? [] : [`event-fields refused only: ${refused}`];
};

const complaints = [...(await proveLint()), ...proveUnavailable(), ...proveEventFields()];
for (const complaint of complaints) console.error(complaint);
console.log(`${Object.keys(expected).length + 3} proofs, ${complaints.length} complaints`);
process.exitCode = complaints.length > 0 ? 1 : 0;
