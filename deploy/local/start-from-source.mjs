import { createRequire } from 'node:module';
import { join } from 'node:path';
import { oneLine, prepare, root } from './prepare.mjs';
import { createProgress } from './progress.mjs';

const OPTIONS = {
  '--empty': 'starts without the demo client',
  '--kafka': 'uses Kafka as the bus: KAFKA_BROKERS if set, else Docker, else one run by Java 17 or later',
  '--help': 'prints this',
};

const EXIT_CONFIG = 78; // of sysexits.h

const usage = Object.entries(OPTIONS).map(([name, effect]) => `  npm start -- ${name.padEnd(8)} ${effect}`);

/** Runs the product until it is told to stop. Answers the exit code. */
export const startFromSource = async (args) => {
  const unknown = args.find((arg) => !(arg in OPTIONS));
  if (unknown !== undefined) console.error(`There is no option ${unknown}.`);
  if (unknown !== undefined || args.includes('--help')) {
    console.log(`Starts Oppi on this machine.\n${usage.join('\n')}`);
    return unknown === undefined ? 0 : 2;
  }
  const { APP_ENV = 'local' } = process.env;
  if (APP_ENV !== 'local') {
    console.error(
      "npm start is for a developer's machine: it gives tokens to whoever asks. Unset APP_ENV, or set it to local.",
    );
    return EXIT_CONFIG;
  }
  const progress = createProgress(process.stdout);
  try {
    await prepare(progress);
    const { main } = createRequire(import.meta.url)(join(root, 'dist', 'deploy', 'local', 'main.js'));
    return await main({
      empty: args.includes('--empty'),
      bus: args.includes('--kafka') ? 'kafka' : 'embedded',
      progress,
    });
  } catch (error) {
    console.error(oneLine(error));
    return error.exitCode ?? 1;
  }
};
