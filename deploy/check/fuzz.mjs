// `npm run fuzz`: the bad-input suites in full (docs/bad-input.md). FUZZ_SEED repeats a run; each suite prints its seed in its
// title. `npm test` runs a small share of them.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const env = { FUZZ_CASES: '8000', FUZZ_DECODER_CASES: '60000', ...process.env };
const jest = join(root, 'node_modules', '.bin', 'jest');
const suites = ['services/.*/src/access.e2e', 'libs/service/src/.*-bytes.e2e', 'libs/messaging/src/decoders'];
const args = [
  '--selectProjects',
  'unit',
  'integration',
  '--testPathPatterns',
  ...suites,
  '--testNamePattern',
  'bad input',
];
process.exitCode = spawnSync(jest, args, { cwd: root, env, stdio: 'inherit' }).status ?? 1;
