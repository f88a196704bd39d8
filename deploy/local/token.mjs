// `npm run -s token <role>`: prints an access token of the running local issuer.
import { parseArgs } from 'node:util';
import { endpoints, mintToken, runTool } from './running.mjs';

const USAGE = `npm run -s token <role> -- [--organisation <uuid>] [--sub <uuid>]`;

await runTool(async () => {
  const options = { organisation: { type: 'string' }, sub: { type: 'string' } };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (positionals.length !== 1) throw new Error(`Which role? ${USAGE}`);
  console.log(await mintToken(endpoints(), { ...values, role: positionals[0] }));
});
