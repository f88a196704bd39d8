import type { BusName } from './bus';
import type { Watcher } from './keep-running';
import { localFolder } from './layout';
import { screen } from './screen';
import { startStack, type Progress } from './stack';

type Wishes = Readonly<{ empty: boolean; bus: BusName; progress: Progress }>;

/** Runs the product until Ctrl-C, or until a part of it died too often. Answers the exit code. */
export const main = async ({ progress, ...wishes }: Wishes): Promise<number> => {
  const say = (text: string): boolean => process.stdout.write(`${text}\n`);
  const asked = new AbortController();
  // npm passes on the signal that the terminal has sent us already: all but the first mean nothing new.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => asked.abort(new Error('Stopped before it was up.')));
  let failure: Error | undefined;
  const watcher: Watcher = {
    report: say,
    gaveUp: (error) => {
      failure = error;
      asked.abort(error);
    },
  };
  const stack = await startStack({ ...wishes, progress, watcher, signal: asked.signal });
  if (!asked.signal.aborted) say(await screen(stack, localFolder()));
  await until(asked.signal);
  if (failure) say(failure.message);
  await progress('stopping', () => stack.stop());
  return failure ? 1 : 0;
};

const until = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
