import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@oppi/local-postgres';
import type { BusName } from '../local/bus';
import { keepRunning } from '../local/keep-running';
import { ROOT, SERVICES, type ServiceName } from '../local/layout';
import { freePortBase } from '../local/ports';
import { startService } from '../local/service-process';
import { type Settings, type Stack, startStack } from '../local/stack';
import { temporaryFolder } from '../local/temporary-folder';
import { allLines, childrenOf, type LabProcess, layLines, type Lines, send, skew } from './lab-process';
import { SmallDisk } from './small-disk';

/** A change to the compiled product, for a proof. */
export type Patch = Readonly<{ file: string; find: string; replace: string }>;

export type LabOptions = Readonly<{
  /** Services that run as two processes; all when absent. */
  doubled?: readonly ServiceName[];
  /** The embedded log when absent. */
  bus?: BusName;
  /** Puts PostgreSQL's data on a small disk, where that is possible. */
  smallDisk?: boolean;
  patches?: readonly Patch[];
  /** Hears of processes that died and came back. */
  report?: (text: string) => void;
}>;

const PRELOAD = join(ROOT, 'deploy', 'faultlab', 'preload.cjs');
const RESTARTS = 1_000;

/** The product under test: PostgreSQL, the bus and every service, each process behind lines that can be made bad. */
export class Lab {
  readonly processes: LabProcess[] = [];
  disk: SmallDisk | undefined;
  private running: Stack | undefined;
  private readonly told = new Map<ServiceName, { original: Settings; lines: Lines }>();

  private constructor(
    readonly folder: string,
    private readonly options: LabOptions,
  ) {}

  static async start(options: LabOptions = {}): Promise<Lab> {
    const folder = temporaryFolder('faultlab');
    const lab = new Lab(join(folder, 'lab'), options);
    try {
      await lab.up();
    } catch (error) {
      await lab.stop();
      throw error;
    }
    return lab;
  }

  get stack(): Stack {
    if (!this.running) throw new Error('The lab is not up.');
    return this.running;
  }

  get busUrl(): string {
    return this.stack.bus.url;
  }

  /** The address of a service's database for the role that owns its schema. */
  ownerUrl(service: ServiceName): string {
    return this.told.get(service)?.original['POSTGRES_OWNER_URL'] ?? this.stack.databases[service];
  }

  of(service: ServiceName): LabProcess[] {
    return this.processes.filter((process) => process.service === service);
  }

  /** The database server with all its processes. */
  postgresPids(): number[] {
    const pid = this.stack.parts.postgres.pid();
    return [pid, ...childrenOf(pid)];
  }

  /** Everything as it should be: lines whole, clocks right, nobody asleep, room on the disk. */
  heal(): void {
    this.disk?.free();
    for (const process of this.processes) {
      allLines(process).forEach((line) => line.heal());
      skew(process, 0);
      send(process.part.pid(), 'SIGCONT');
    }
    this.postgresPids().forEach((pid) => send(pid, 'SIGCONT'));
  }

  /** Ends the services as an operator would, and leaves the database up. */
  async stopServices(): Promise<void> {
    await Promise.all(this.processes.map(({ part }) => part.stop()));
  }

  async stop(): Promise<void> {
    if (this.running) {
      this.heal();
      await this.stopServices();
      await this.running.stop();
    }
    for (const process of this.processes) for (const line of allLines(process)) await line.remove();
    this.disk?.unmount();
    rmSync(join(this.folder, '..'), { recursive: true, force: true });
  }

  private async up(): Promise<void> {
    mkdirSync(this.folder, { mode: 0o711 });
    if (this.options.patches) writeFileSync(this.sabotageFile, JSON.stringify(this.options.patches), { mode: 0o600 });
    if (this.options.smallDisk) this.disk = SmallDisk.mount(join(this.folder, 'postgres'));
    const report = this.options.report ?? (() => undefined);
    const watcher = { report, gaveUp: ({ message }: Error) => report(message) };
    this.running = await startStack({
      folder: this.folder,
      empty: true,
      portBase: await freePortBase(),
      watcher,
      restarts: RESTARTS,
      ...(this.options.bus && { bus: this.options.bus }),
      environment: async (name, settings) => {
        const { lines, settings: changed } = await layLines(settings);
        this.told.set(name, { original: settings, lines });
        return { ...changed, ...this.more(`${name}.1`) };
      },
    });
    for (const service of SERVICES) this.adopt(service);
    await Promise.all((this.options.doubled ?? SERVICES).map((service) => this.double(service, watcher)));
  }

  private adopt(service: ServiceName): void {
    const told = this.told.get(service);
    if (!told) throw new Error(`${service} was not started.`);
    const name = `${service}.1`;
    const part = this.stack.parts[service];
    this.processes.push({ name, service, part, lines: told.lines, skewFile: this.skewFile(name) });
  }

  private async double(service: ServiceName, watcher: Parameters<typeof keepRunning>[2]): Promise<void> {
    const name = `${service}.2`;
    const ports = { HTTP_PORT: String(await freePort()), GRPC_PORT: String(await freePort()) };
    const { lines, settings } = await layLines({ ...this.told.get(service)?.original, ...ports });
    const launch = {
      name,
      program: join(ROOT, 'dist', 'services', service, 'src', 'main.js'),
      env: { ...settings, ...this.more(name) },
      readyUrl: `http://127.0.0.1:${ports.HTTP_PORT}/readyz`,
      logFile: join(this.folder, 'logs', `${name}.log`),
      started: () => undefined,
    };
    const kept = await keepRunning(name, (died, signal) => startService(launch, died, signal), watcher, RESTARTS);
    const part = { pid: () => kept.current().pid, stop: () => kept.stop() };
    this.processes.push({ name, service, part, lines, skewFile: this.skewFile(name) });
  }

  private more(name: string): Settings {
    const sabotage = this.options.patches ? { FAULTLAB_SABOTAGE: this.sabotageFile } : {};
    return { NODE_OPTIONS: `--require ${PRELOAD}`, FAULTLAB_SKEW: this.skewFile(name), ...sabotage };
  }

  private skewFile(name: string): string {
    return join(this.folder, `${name}.skew`);
  }

  private get sabotageFile(): string {
    return join(this.folder, 'sabotage.json');
  }
}
