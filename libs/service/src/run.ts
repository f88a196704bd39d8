import type { Log } from './log';

/** What can be drained: a running service. */
type Stoppable = Readonly<{ log: Log; stop(): Promise<void> }>;

/** The process, as far as this needs it; another one in tests. */
type Process = Pick<NodeJS.Process, 'on' | 'exit'>;

const DRAIN_LIMIT_MS = 30_000;

// What is wrong with its surroundings says so itself, as EX_CONFIG.
const exitCodeOf = (error: unknown): number => {
  const code = error instanceof Error && 'exitCode' in error ? error.exitCode : undefined;
  return typeof code === 'number' ? code : 1;
};

/**
 * The whole of a `main.ts`: starts, and ends the process well. SIGTERM and SIGINT drain and exit 0; a second signal,
 * or a drain longer than 30 s, exits 1. What nobody caught is logged, drained and exits 1: its state is not known.
 */
export const runService = async (start: () => Promise<Stoppable>, host: Process = process): Promise<void> => {
  let running: Stoppable | undefined;
  let exitCode: number | undefined;

  const leave = async (code: number): Promise<void> => {
    if (exitCode !== undefined) return void host.exit(1);
    exitCode = code;
    setTimeout(() => host.exit(1), DRAIN_LIMIT_MS).unref();
    try {
      await running?.stop();
    } catch (error) {
      running?.log.fatal({ err: error }, 'could not drain');
      exitCode = 1;
    }
    host.exit(exitCode);
  };
  const crash = (error: unknown): void => {
    if (running) running.log.fatal({ err: error }, 'nobody caught this');
    else process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    void leave(exitCodeOf(error));
  };

  host.on('SIGTERM', () => void leave(0));
  host.on('SIGINT', () => void leave(0));
  host.on('unhandledRejection', crash);
  host.on('uncaughtException', crash);
  try {
    running = await start();
  } catch (error) {
    crash(error);
  }
};
