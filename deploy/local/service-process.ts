import { guard } from '@oppi/local-postgres';
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Child } from './keep-running';

/** One service to run. */
export type ServiceProcess = Readonly<{
  name: string;
  /** Compiled main module. */
  program: string;
  env: Readonly<Record<string, string>>;
  /** Answers 200 once the service takes requests. */
  readyUrl: string;
  logFile: string;
  /** Called at once with the process id, before the service is ready. */
  started: (pid: number) => void;
}>;

const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 35_000; // a service gives its own requests thirty

// MiB. What a request makes lives until its answer; in V8's usual 16 much of it outlives a collection and is copied.
const NODE_FLAGS = ['--enable-source-maps', '--max-semi-space-size=64'];

// What a process needs of its surroundings to run at all; settings of ours come from `env` alone.
const SURROUNDINGS = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'SystemRoot', 'NODE_OPTIONS'];

const surroundings = (): Record<string, string> =>
  Object.fromEntries(SURROUNDINGS.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));

/** The last lines of a log, each cut to what fits a screen; nothing when there is none. */
const tailOf = (file: string): string => {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  return lines
    .slice(-8)
    .map((line) => line.slice(0, 240))
    .join('\n');
};

const launch = ({ program, env, logFile }: ServiceProcess): ChildProcess => {
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(process.execPath, [...NODE_FLAGS, program], {
    env: { ...surroundings(), ...env },
    stdio: ['ignore', log, log],
    detached: true, // Ctrl-C in a terminal reaches the starter alone, which stops things in their order
  });
  closeSync(log);
  return child;
};

const isReady = async (url: string): Promise<boolean> => {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
};

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

const waitForReady = async (service: ServiceProcess, child: ChildProcess, signal: AbortSignal): Promise<void> => {
  const end = performance.now() + READY_LIMIT_MS;
  while (!(await isReady(service.readyUrl))) {
    if (hasEnded(child)) throw new Error(`${service.name} ended (${howItEnded(child)}). ${logOf(service)}`);
    if (performance.now() > end) throw new Error(`${service.name} was not ready in 60 s. ${logOf(service)}`);
    signal.throwIfAborted();
    await delay(40);
  }
};

const howItEnded = ({ exitCode, signalCode }: ChildProcess): string =>
  exitCode === null ? `signal ${signalCode}` : `exit code ${exitCode}`;

const logOf = ({ logFile }: ServiceProcess): string => `The end of ${logFile}:\n${tailOf(logFile)}`;

const stop = async (child: ChildProcess): Promise<void> => {
  if (hasEnded(child)) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(force);
};

/** A running service. */
export type RunningProcess = Child & Readonly<{ pid: number }>;

/**
 * Starts a service and waits until it is ready. It ends with this process. Throws with the end of its log when it does not
 * become ready, and when `signal` aborts before.
 */
export const startService = async (
  service: ServiceProcess,
  died: (report: string) => void,
  signal: AbortSignal,
): Promise<RunningProcess> => {
  const child = launch(service);
  const release = child.pid === undefined ? () => undefined : guard(child.pid, 'SIGTERM');
  if (child.pid !== undefined) service.started(child.pid);
  let wanted = false;
  child.once('exit', release);
  try {
    await waitForReady(service, child, signal);
  } catch (error) {
    await stop(child);
    throw error;
  }
  child.once('exit', () => {
    if (!wanted) died(`${service.name} ended (${howItEnded(child)}). ${logOf(service)}`);
  });
  return {
    pid: child.pid ?? 0,
    stop: () => {
      wanted = true;
      return stop(child);
    },
  };
};
