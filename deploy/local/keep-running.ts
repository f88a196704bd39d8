/** A process that was started and is ready. */
export type Child = Readonly<{ stop: () => Promise<void> }>;

/**
 * Starts the process. `died` is called, once, if it ends by itself after it was ready, with the end of its log. When `signal`
 * aborts before it is ready, it is stopped and the start fails.
 */
export type StartChild<C extends Child> = (died: (report: string) => void, signal: AbortSignal) => Promise<C>;

/** Where news of a kept process go. */
export type Watcher = Readonly<{
  /** It died, and what is done about it. */
  report: (text: string) => void;
  /** It died too often; nothing more is done about it. */
  gaveUp: (error: Error) => void;
}>;

const RESTARTS = 3;
const WINDOW_MS = 300_000;
const PAUSE_MS = 500;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Waits, or less when the signal comes. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const cut = (): void => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener('abort', cut, { once: true });
  });

/**
 * Starts a process and starts it again when it dies, at most `restarts` times in five minutes. Throws when the first start
 * fails. `current` is the latest of its lives.
 */
export const keepRunning = async <C extends Child>(
  name: string,
  start: StartChild<C>,
  watcher: Watcher,
  restarts = RESTARTS,
): Promise<Child & { current: () => C }> => {
  const deaths: number[] = [];
  const stopping = new AbortController();
  let restarting: Promise<void> | undefined;

  const died = (report: string): void => {
    if (!stopping.signal.aborted) restarting = restart(report);
  };

  const restart = async (reason: string): Promise<void> => {
    deaths.push(performance.now());
    const recent = deaths.filter((at) => performance.now() - at < WINDOW_MS).length;
    if (recent > restarts) {
      watcher.gaveUp(new Error(`${name} died ${recent} times. ${reason}`));
      return;
    }
    watcher.report(`${reason}\n${name} is started again (${recent} of ${restarts}).`);
    await pause(PAUSE_MS * Math.min(recent, RESTARTS), stopping.signal);
    if (stopping.signal.aborted) return;
    try {
      child = await start(died, stopping.signal);
      watcher.report(`${name} is back.`);
    } catch (error) {
      if (!stopping.signal.aborted) await restart(messageOf(error));
    }
  };

  let child = await start(died, stopping.signal);
  return {
    current: () => child,
    stop: async () => {
      stopping.abort();
      await restarting;
      await child.stop();
    },
  };
};
