// `npm test`: every check and every test, each with its time. All steps run even if one fails, so that one run shows
// everything there is to mend. `npm test -- lint unit` runs some of them, `npm run check` all but Jest.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { install, missingPackage } from '../local/install.mjs';
import { addUp, readReport } from './jest-report.mjs';
import { selectSteps } from './steps.mjs';

const root = join(import.meta.dirname, '..', '..');
const bin = join(root, 'node_modules', '.bin');
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, NX_DAEMON: 'false', NX_TUI: 'false' };

const succeeds = ({ command: [program, ...args], cwd = '.' }) =>
  spawnSync(program, args, { cwd: join(root, cwd), env, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;

const run = (step) => {
  console.log(`\n── ${step.name} ${'─'.repeat(60 - step.name.length)}`);
  const started = performance.now();
  const ok = step.commands.every((command) => succeeds(Array.isArray(command) ? { command } : command));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`   ${step.name} ${ok ? 'ok' : 'FAILED'} after ${seconds} s`);
  return { ...step, ok, seconds };
};

const printSummary = (results) => {
  console.log(`\n── summary ${'─'.repeat(53)}`);
  for (const { name, ok, seconds } of results)
    console.log(`   ${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(14)}${seconds.padStart(7)} s`);
  const tested = results.filter((step) => step.report);
  if (tested.length === 0) return;
  const { passed, failed, skipped, notRun } = addUp(tested.map((step) => readReport(step.report)));
  for (const suite of notRun) console.log(`   NOT RUN ${suite}`);
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
};

const main = async (args) => {
  if (missingPackage(root)) {
    console.log('installing the dependencies');
    await install(root);
  }
  const reports = mkdtempSync(join(tmpdir(), 'oppi-reports-'));
  try {
    const names = args.filter((arg) => !arg.startsWith('--'));
    const results = selectSteps({ names, checksOnly: args.includes('--static'), reports }).map(run);
    printSummary(results);
    return results.every(({ ok }) => ok) ? 0 : 1;
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
};

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error.message); // a step that does not exist, or an installation that failed
  process.exitCode = 1;
}
