import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runnableBinaries } from './binaries';
import { ensureCluster, serverEnvironment, SUPERUSER } from './cluster';
import { guard } from './guardian';
import { claim, endOrphan, giveUp } from './owner';
import { passwordOf } from './passwords';
import { preparePlace, removePlace, type Place } from './place';
import { freePort, isPortFree } from './ports';
import { processesIn, signal, waitUntil } from './processes';

/** What to start. */
export type PostgresOptions = Readonly<{
  /** Holds the data, the passwords and the log. Made when missing; as root it may become a link to a folder elsewhere. */
  dataFolder: string;
  /** Port on 127.0.0.1; any free one when absent. */
  port?: number | undefined;
  /** Server settings over the defaults; durability (fsync, synchronous_commit) is on unless turned off here. */
  settings?: Readonly<Record<string, string | number>>;
  /** Removes all data when this process dies. `remove()` does so in good order. */
  temporary?: boolean;
  /** Hears when the server ended though nobody asked it to, with the end of its log. */
  onDeath?: (report: string) => void;
}>;

/** A running server. */
export type LocalPostgres = Readonly<{
  port: number;
  /** Process id of the postmaster. */
  pid: number;
  /** Where the data really lie. */
  folder: string;
  /** Address with password; of the superuser and of database `postgres` when nothing is named. */
  url: (database?: string, role?: string) => string;
  /** Fast shutdown: sessions are cut, data are flushed. Again is no error. */
  stop: () => Promise<void>;
  /** Signal 9 to the server and all its processes at once, as a power cut would; for tests of recovery. */
  kill9: () => Promise<void>;
  /** Stops and deletes all data. */
  remove: () => Promise<void>;
}>;

const START_LIMIT_MS = 120_000; // recovery after a crash replays the log, and that may take its time
const STOP_LIMIT_MS = 30_000;

const DEFAULTS: Readonly<Record<string, string | number>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '', // a socket's path is limited to about 100 bytes; a checkout's is not
  max_connections: 200,
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_error_verbosity: 'terse', // the detail of a broken constraint holds the values, and these may be personal
};

const tail = (file: string): string =>
  existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n') : '';

type Server = Readonly<{
  child: ChildProcess;
  pid: number;
  data: string;
  log: string;
  hasEnded: () => boolean;
}>;

const launch = (
  place: Place,
  bin: string,
  data: string,
  settings: Readonly<Record<string, string | number>>,
): Server => {
  const log = join(place.folder, 'server.log');
  const out = openSync(log, 'w', 0o600);
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(join(bin, 'postgres'), ['-D', data, ...args], {
    cwd: data,
    env: serverEnvironment(),
    stdio: ['ignore', out, out],
    detached: true, // Ctrl-C in a terminal must reach us alone: the services drain before their database goes
    ...place.account,
  });
  closeSync(out);
  let ended = false;
  child.once('error', () => (ended = true));
  child.once('exit', () => (ended = true));
  return { child, pid: child.pid ?? 0, data, log, hasEnded: () => ended };
};

/** The server writes its state into line 8 of its pid file, which no login is needed to read. */
const isReady = ({ data, pid }: Server): boolean => {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return false;
  const lines = readFileSync(file, 'utf8').split('\n');
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
};

const stopServer = async (server: Server): Promise<void> => {
  if (server.hasEnded()) return;
  signal(server.pid, 'SIGINT');
  if (await waitUntil(server.hasEnded, STOP_LIMIT_MS)) return;
  signal(server.pid, 'SIGQUIT');
  await waitUntil(server.hasEnded, STOP_LIMIT_MS);
};

const choosePort = async (wanted?: number): Promise<number> => {
  if (wanted === undefined) return freePort();
  if (!(await isPortFree(wanted))) throw new Error(`Port ${wanted} on 127.0.0.1 is in use; PostgreSQL needs it.`);
  return wanted;
};

const bringUp = async (place: Place, options: PostgresOptions): Promise<Server & { port: number }> => {
  await endOrphan(join(place.folder, 'data'));
  const bin = runnableBinaries(place.copies, place.account);
  const data = await ensureCluster(place, bin);
  const port = await choosePort(options.port);
  const server = launch(place, bin, data, { ...DEFAULTS, port, ...options.settings });
  server.child.once('exit', guard(server.pid, 'SIGINT', options.temporary ? [place.folder, options.dataFolder] : []));
  await waitUntil(() => server.hasEnded() || isReady(server), START_LIMIT_MS);
  if (!server.hasEnded() && isReady(server)) return { ...server, port };
  await stopServer(server);
  throw new Error(`PostgreSQL did not start. The end of its log:\n${tail(server.log)}`);
};

/**
 * Starts a real PostgreSQL on 127.0.0.1 and waits until it accepts connections. Data that exist are used on, after recovery
 * where the last server was killed; a server that a killed process left behind is ended first. The server ends with this
 * process, whatever ends it. Refused when a living process uses the same folder, or the port is taken.
 */
export const startPostgres = async (options: PostgresOptions): Promise<LocalPostgres> => {
  const place = await preparePlace(options.dataFolder);
  claim(place.folder);
  const server = await bringUp(place, options).catch((error: unknown) => {
    giveUp(place.folder);
    throw error;
  });
  let expected = false;
  server.child.once('exit', () => {
    giveUp(place.folder);
    if (!expected) options.onDeath?.(`PostgreSQL ended by itself. The end of its log:\n${tail(server.log)}`);
  });
  const end = async (how: () => Promise<unknown>): Promise<void> => {
    expected = true;
    await how();
  };
  const stop = (): Promise<void> => end(() => stopServer(server));
  return {
    port: server.port,
    pid: server.pid,
    folder: place.folder,
    url: (database = 'postgres', role = SUPERUSER) =>
      `postgres://${role}:${passwordOf(place.folder, role)}@127.0.0.1:${server.port}/${database}`,
    stop,
    kill9: () => end(() => killAll(server)),
    remove: async () => {
      await stop();
      removePlace(options.dataFolder, place.folder);
    },
  };
};

const killAll = async (server: Server): Promise<void> => {
  new Set([server.pid, ...processesIn(server.data)]).forEach((pid) => signal(pid, 'SIGKILL'));
  await waitUntil(() => server.hasEnded() && processesIn(server.data).length === 0, STOP_LIMIT_MS);
};
