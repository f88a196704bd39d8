import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Endpoints, runningEndpoints } from '../../local/endpoints';
import { localFolder } from '../../local/layout';
import { type Progress as StartProgress, startStack } from '../../local/stack';
import { tokenFor } from '../../local/tokens';
import { clockStart } from './clocks';
import { DataSetError } from './csv';
import { type Loaded, loadOulad } from './load-oulad';
import { terminalProgress } from './progress';
import { reportText, shortfallsOf } from './report';

// Everything but the report goes to stderr.
const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** The folder as the caller meant it: npm runs scripts in the checkout and says in INIT_CWD where it was called. */
const folderFrom = (argument: string): string => {
  const asCalled = resolve(process.env['INIT_CWD'] ?? '.', argument);
  return existsSync(asCalled) ? asCalled : resolve(argument);
};

const load = (endpoints: Endpoints, folder: string): Promise<Loaded> =>
  loadOulad({
    folder,
    endpoints,
    tokenFor: (role, organisationId) => tokenFor(endpoints, role, { organisationId }),
    progress: terminalProgress(),
  });

/** Starts the product for the load alone and stops it after; its data stays. Ctrl-C stops it too, and the load with it. */
const loadInOwn = async (folder: string, progress: StartProgress): Promise<Loaded> => {
  const stopped = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => stopped.abort(new Error('Stopped. The same command goes on where it was.')));
  const watcher = { report: say, gaveUp: (error: Error) => stopped.abort(error) };
  const stack = await startStack({ empty: true, clockStartsAt: clockStart, progress, watcher, signal: stopped.signal });
  try {
    const aborted = new Promise<never>((_resolve, reject) => {
      stopped.signal.addEventListener('abort', () => reject(stopped.signal.reason as Error));
    });
    return await Promise.race([load(stack.endpoints, folder), aborted]);
  } finally {
    await stack.stop();
  }
};

const failure = (error: unknown): string => {
  if (error instanceof DataSetError) return error.message;
  return error instanceof Error ? `The data set is not loaded: ${error.message}` : String(error);
};

/**
 * Loads the data set into the running product, or into one started for it, and prints the report on stdout. Answers the
 * exit code: 0 only when no item was refused and the report has every fact.
 */
export const main = async ([argument]: readonly string[], progress: StartProgress): Promise<number> => {
  if (!argument) {
    say('Name the folder of the data set, as in: npm run demo:oulad -- ../shared/data/oulad');
    return 2;
  }
  const folder = folderFrom(argument);
  try {
    const running = await runningEndpoints(localFolder());
    const loaded = running ? await load(running, folder) : await loadInOwn(folder, progress);
    console.log(reportText(loaded));
    return loaded.refused > 0 || shortfallsOf(loaded).length > 0 ? 1 : 0;
  } catch (error) {
    say(failure(error));
    return 1;
  }
};
