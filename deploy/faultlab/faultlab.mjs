// `npm run faultlab`: brings the build up to date, then runs the product under faults and judges what it did.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { oneLine, prepare, root } from '../local/prepare.mjs';
import { createProgress } from '../local/progress.mjs';

const progress = createProgress(process.stderr);
try {
  await prepare(progress);
  const { main } = createRequire(import.meta.url)(join(root, 'dist', 'deploy', 'faultlab', 'main.js'));
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(oneLine(error));
  process.exitCode = 1;
}
process.exit();
