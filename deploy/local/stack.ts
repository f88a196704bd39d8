import { loadFirstClient } from '../demo/first-client/load-first-client';
import { prepareDatabase } from '@oppi/database';
import { busMigrations } from '@oppi/messaging';
import { createServiceDatabases, ownerOf, startPostgres } from '@oppi/local-postgres';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { busOf, type BusName, type LocalBus } from './bus';
import { announce, withdraw, type Endpoints } from './endpoints';
import { startIssuer } from './issuer/issuer';
import { requireLocal } from './issuer/only-here';
import { AUDIENCE } from './issuer/signing';
import { keepRunning, type Child, type StartChild, type Watcher } from './keep-running';
import { localFolder, portsFrom, ROOT, SERVICES, type Ports, type ServiceName } from './layout';
import { requireFreePorts } from './ports';
import { startProxy } from './proxy';
import { DEMO_ORGANISATION_ID } from './roles';
import { ensureRootKey } from './root-key';
import { claimRun, endRun, noteChild } from './run-file';
import { startService } from './service-process';

/** Shows a step while `work` runs and answers what it answers; `work` may say how far it came. */
export type Progress = <T>(name: string, work: (say: (detail: string) => void) => Promise<T>) => Promise<T>;

/** How to start the product. */
export type StackOptions = Readonly<{
  /** Folder of data, logs and keys, kept between runs; `OPPI_LOCAL` or `.local` in the checkout when absent. */
  folder?: string;
  /** First port; `OPPI_PORT_BASE` or 7070 when absent. */
  portBase?: string;
  progress?: Progress;
  /** Hears of processes that die, and when one died too often. */
  watcher?: Watcher;
  /**
   * When the clocks of a new folder begin, RFC 3339; `OPPI_CLOCK_STARTS_AT` when absent, today when that is unset too. The
   * demo client lives today: a start at another time leaves it out.
   */
  clockStartsAt?: string;
  /** Which bus carries the facts: the embedded log when absent. A folder may be started with one and the other by turns. */
  bus?: BusName;
  /** Leaves the demo client out. */
  empty?: boolean;
  /** Gives up a start under way; what was started is stopped. */
  signal?: AbortSignal;
  /** What a service is really told, given what it would be: for harnesses that stand in its connections. */
  environment?: (name: ServiceName, settings: Settings) => Promise<Settings>;
  /** How often in five minutes a process that died is started again; see `keepRunning`. */
  restarts?: number;
}>;

export type Settings = Readonly<Record<string, string>>;

/** A part of the product, through all its lives. */
export type Part = Child & Readonly<{ pid: () => number }>;

type DatabaseUrls = Readonly<Record<ServiceName | 'bus', string>>;

/** The running product. `databases` are the addresses of each service's own database and of the embedded log. */
export type Stack = Readonly<{
  endpoints: Endpoints;
  databases: DatabaseUrls;
  bus: LocalBus;
  /** Its processes. A part that was stopped is not started again. `kafka` is there when this run started one by Java. */
  parts: Readonly<Record<ServiceName | 'postgres', Part> & { kafka?: Part }>;
  stop: () => Promise<void>;
}>;

const silent: Progress = (_name, work) => work(() => undefined);
const unwatched: Watcher = { report: () => undefined, gaveUp: () => undefined };

const freshLog = (folder: string, name: string): string => {
  const file = join(folder, 'logs', `${name}.log`);
  if (existsSync(file)) renameSync(file, `${file}.1`);
  return file;
};

const addressesOf = ({ proxy, issuer, grpc }: Ports): Endpoints => ({
  api: `http://127.0.0.1:${proxy}`,
  issuer: `http://127.0.0.1:${issuer}`,
  grpc: Object.fromEntries(SERVICES.map((name) => [name, `127.0.0.1:${grpc[name]}`])) as Record<ServiceName, string>,
  demoOrganisationId: DEMO_ORGANISATION_ID,
});

const appEnv = (): string => process.env['APP_ENV'] ?? 'local';

// A hyphen would have to be quoted wherever the name is typed.
const databaseOf = (name: string): string => name.replaceAll('-', '_');

/** One start, step by step; `started` holds what has to be stopped, in the order it came up. */
class Start {
  private readonly started: Child[] = [];
  /** Addresses of each service's database for the role that owns its schema. */
  private readonly owners = new Map<ServiceName, string>();
  private readonly ports: Ports;
  private readonly folder: string;
  private readonly watcher: Watcher;
  private readonly clockStartsAt: string | undefined;
  private readonly parts: Partial<Record<keyof Stack['parts'], Part>> = {};

  constructor(private readonly options: StackOptions) {
    this.ports = portsFrom(options.portBase ?? process.env['OPPI_PORT_BASE']);
    this.folder = options.folder ?? localFolder();
    this.watcher = options.watcher ?? unwatched;
    this.clockStartsAt = options.clockStartsAt ?? process.env['OPPI_CLOCK_STARTS_AT'];
  }

  async run(): Promise<Stack> {
    requireLocal(appEnv()); // first of all, so that elsewhere not even a port is opened
    // Others may pass through but not look: as root, PostgreSQL works below it under an account of its own.
    mkdirSync(this.folder, { recursive: true, mode: 0o711 });
    mkdirSync(join(this.folder, 'logs'), { recursive: true, mode: 0o700 });
    await claimRun(this.folder);
    this.onStop(() => endRun(this.folder));
    try {
      await requireFreePorts(this.ports);
      const urls = await this.step('starting PostgreSQL', () => this.databases());
      const bus = await this.bus(urls.bus);
      const issuer = await this.step('starting the issuer and the proxy', () => this.doors());
      await this.step(`starting ${SERVICES.join(', ')}`, () => this.services({ ...urls, bus: bus.url }, issuer));
      const endpoints = addressesOf(this.ports);
      announce(this.folder, endpoints);
      this.onStop(() => withdraw(this.folder));
      if (!this.options.empty && !this.clockStartsAt)
        await this.step('loading the demo client', (say) => loadFirstClient(endpoints, say));
      const parts = this.parts as Stack['parts']; // each step above has added its own
      return { endpoints, databases: urls, bus, parts, stop: () => this.stop() };
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  private onStop(work: () => void): void {
    this.started.push({
      stop: () => {
        work();
        return Promise.resolve();
      },
    });
  }

  private step<T>(name: string, work: (say: (detail: string) => void) => Promise<T>): Promise<T> {
    const { signal, progress = silent } = this.options;
    signal?.throwIfAborted();
    return progress(name, work);
  }

  private async databases(): Promise<DatabaseUrls> {
    const options = { dataFolder: join(this.folder, 'postgres'), port: this.ports.postgres };
    const start = (onDeath: (report: string) => void) => startPostgres({ ...options, onDeath });
    const server = await this.keep('postgres', 'PostgreSQL', start);
    const names = [...SERVICES, 'bus'] as const;
    const made = await createServiceDatabases(server.current(), names.map(databaseOf));
    const urls = Object.fromEntries(names.map((name) => [name, made[databaseOf(name)]])) as DatabaseUrls;
    const ownerUrl = (database: string): string => server.current().url(database, ownerOf(database));
    for (const name of SERVICES) this.owners.set(name, ownerUrl(databaseOf(name)));
    // No service owns the bus, so none of them migrates it.
    const bus = { APP_ENV: 'local', POSTGRES_URL: urls.bus, POSTGRES_OWNER_URL: ownerUrl(databaseOf('bus')) };
    await prepareDatabase(bus, busMigrations);
    return urls;
  }

  private bus(embedded: string): Promise<LocalBus> {
    return busOf(this.options.bus ?? 'embedded', embedded, {
      folder: this.folder,
      port: this.ports.kafka,
      step: (name, work) => this.step(name, work),
      keep: (start) => this.keep('kafka', 'Kafka', start),
      onStop: (stop) => this.started.push({ stop }),
    });
  }

  private async doors(): Promise<string> {
    const issuer = await startIssuer({
      port: this.ports.issuer,
      defaultOrganisationId: DEMO_ORGANISATION_ID,
      appEnv: appEnv(),
    });
    this.started.push({ stop: issuer.close });
    const proxy = await startProxy(this.ports.proxy, this.ports.http);
    this.started.push({ stop: proxy.close });
    return issuer.url;
  }

  private environment(name: ServiceName, urls: DatabaseUrls, issuer: string): Record<string, string> {
    const keyFile = join(this.folder, 'root.key');
    ensureRootKey(keyFile);
    return {
      APP_ENV: 'local',
      HTTP_PORT: String(this.ports.http[name]),
      GRPC_PORT: String(this.ports.grpc[name]),
      POSTGRES_URL: urls[name],
      POSTGRES_OWNER_URL: this.owners.get(name) ?? '',
      BUS_URL: urls.bus,
      AUTH_ISSUER: issuer,
      AUTH_JWKS_URL: `${issuer}/jwks`,
      AUTH_AUDIENCE: AUDIENCE,
      ROOT_KEY_FILE: keyFile,
      TIME_ALLOCATION_GRPC: `127.0.0.1:${this.ports.grpc['time-allocation']}`,
      ...(this.clockStartsAt ? { CLOCK_STARTS_AT: this.clockStartsAt } : {}),
      LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'info',
    };
  }

  /** All at once; when one fails, the others are waited for, so that nothing is left half started. */
  private async services(urls: DatabaseUrls, issuer: string): Promise<void> {
    const { environment = (_name, settings) => Promise.resolve(settings) } = this.options;
    const starts = SERVICES.map(async (name) =>
      this.service(name, await environment(name, this.environment(name, urls, issuer))),
    );
    const failed = (await Promise.allSettled(starts)).find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private async service(name: ServiceName, env: Readonly<Record<string, string>>): Promise<void> {
    const service = {
      name,
      program: join(ROOT, 'dist', 'services', name, 'src', 'main.js'),
      env,
      readyUrl: `http://127.0.0.1:${this.ports.http[name]}/readyz`,
      logFile: freshLog(this.folder, name),
      started: (pid: number) => noteChild(this.folder, pid),
    };
    const start = (died: (report: string) => void, stopping: AbortSignal) =>
      startService(service, died, AbortSignal.any([stopping, this.options.signal ?? stopping]));
    await this.keep(name, name, start);
  }

  private async keep<C extends Child & { pid: number }>(
    part: keyof Stack['parts'],
    name: string,
    start: StartChild<C>,
  ): Promise<{ current: () => C }> {
    const kept = await keepRunning(name, start, this.watcher, this.options.restarts);
    this.started.push(kept);
    this.parts[part] = { pid: () => kept.current().pid, stop: () => kept.stop() };
    return kept;
  }

  /** Last started, first stopped: the services drain while their database still answers. */
  private async stop(): Promise<void> {
    for (const child of this.started.splice(0).reverse()) await child.stop();
  }
}

/**
 * Starts the whole product on this machine: PostgreSQL, a database per service and one for the embedded log, a
 * Kafka if asked for, the issuer, the proxy and the services, each a process of its own. The services must have been built. Refused when it runs already on the same
 * folder, or a port is taken. Everything ends with this process, whatever ends it.
 */
export const startStack = (options: StackOptions = {}): Promise<Stack> => new Start(options).run();
