// `npm run build`: compiles what has changed into dist/, exactly as `npm start` does.
import { join } from 'node:path';
import { build } from '../local/build.mjs';

await build(join(import.meta.dirname, '..', '..'), (what, work) => {
  console.log(what);
  return work();
});
