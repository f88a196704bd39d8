// `npm run demo:oulad -- <folder>`: brings the build up to date, then loads the Open University data set and prints the
// report. Works while `npm start` runs and without it.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { oneLine, prepare, root } from '../../local/prepare.mjs';
import { createProgress } from '../../local/progress.mjs';

const progress = createProgress(process.stderr);
try {
  await prepare(progress);
  const { main } = createRequire(import.meta.url)(join(root, 'dist', 'deploy', 'demo', 'oulad', 'main.js'));
  process.exitCode = await main(process.argv.slice(2), progress);
} catch (error) {
  console.error(oneLine(error));
  process.exitCode = 1;
}
// After a stop in mid-import its connections would keep this process alive.
process.exit();
