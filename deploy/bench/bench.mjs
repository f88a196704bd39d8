// `npm run bench`: brings the build up to date, then measures.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { oneLine, prepare, root } from '../local/prepare.mjs';
import { createProgress } from '../local/progress.mjs';

const progress = createProgress(process.stderr);
try {
  await prepare(progress);
  const { main } = createRequire(import.meta.url)(join(root, 'dist', 'deploy', 'bench', 'main.js'));
  process.exitCode = await main(process.argv.slice(2), progress);
} catch (error) {
  console.error(oneLine(error));
  process.exitCode = 1;
}
