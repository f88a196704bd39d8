import { freePort, guard } from '@oppi/local-postgres';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, closeSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { untilItAnswers } from './broker-answers';
import { type BrokerLogin, brokerSettings, newClusterId, prepareTls } from './broker-settings';
import { brokerJars, javaProgram, run } from './jars';

export type BrokerOptions = Readonly<{
  /** Where the broker keeps its data, settings and log; made when missing. */
  folder: string;
  /** The checkout: where the pom lies, and the jars that it names. */
  root: string;
  port?: number;
  /** The port that clients are told, when something stands between them and the broker. */
  advertisedPort?: number;
  /** Speak TLS with a certificate made for the purpose, and let in this account only (SCRAM-SHA-512). */
  login?: BrokerLogin;
  /** Remove the folder when this process ends. */
  temporary?: boolean;
  /** Hears of the process id before the broker answers. */
  started?: (pid: number) => void;
  /** Hears when the broker ended though nobody asked it to, with the end of its log. */
  onDeath?: (report: string) => void;
}>;

export type Broker = Readonly<{
  /** `host:port`, as in KAFKA_BROKERS. */
  brokers: string;
  /** As in BUS_URL; names the login and the certificate when there are such. */
  url: string;
  pid: () => number;
  /** Signal 9; what was acknowledged lies in the page cache and survives, so this is no power cut. */
  kill9: () => Promise<void>;
  /** Starts it again, on the same port and data. */
  start: () => Promise<void>;
  /** Stops it in good order; the data stay. */
  stop: () => Promise<void>;
}>;

/** Starts a real Kafka of one process, from Maven's jars. It ends with this process. */
export const startBroker = async (options: BrokerOptions): Promise<Broker> => {
  const { folder, root, login, port = await freePort() } = options;
  const controllerPort = await freePort();
  const jars = await brokerJars(root);
  mkdirSync(folder, { recursive: true });
  if (login) await prepareTls(folder, login);
  const settings = join(folder, 'server.properties');
  const advertisedPort = options.advertisedPort ?? port;
  writeFileSync(settings, brokerSettings({ folder, port, controllerPort, advertisedPort, login }), { mode: 0o600 });
  const java = ['-Xms96m', '-Xmx320m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', join(jars, '*')];
  if (!existsSync(join(folder, 'data', 'meta.properties'))) {
    const users = login ? ['--add-scram', `SCRAM-SHA-512=[name=${login.user},password=${login.password}]`] : [];
    const format = ['kafka.tools.StorageTool', 'format', '-t', newClusterId(), '-c', settings, ...users];
    await run(javaProgram('java'), [...java, ...format]);
  }
  const brokers = `127.0.0.1:${advertisedPort}`;
  const url = login
    ? `kafka://${login.user}:${login.password}@${brokers}?ca=${encodeURIComponent(join(folder, 'broker.pem'))}`
    : `kafka://${brokers}`;
  const broker = new BrokerProcess([...java, 'kafka.Kafka', settings], url, options);
  await broker.start();
  return {
    brokers,
    url,
    pid: () => broker.pid,
    start: () => broker.start(),
    kill9: () => broker.end('SIGKILL'),
    stop: () => broker.end('SIGTERM'),
  };
};

class BrokerProcess {
  private child: ChildProcess | undefined;
  private forget: () => void = () => undefined;

  constructor(
    private readonly command: readonly string[],
    private readonly url: string,
    private readonly options: BrokerOptions,
  ) {}

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  async start(): Promise<void> {
    const { folder, temporary, started } = this.options;
    const log = openSync(this.log, 'a', 0o600);
    // Detached: Ctrl-C in a terminal must reach us alone, for the services drain before their bus goes.
    const child = spawn(javaProgram('java'), this.command, {
      cwd: folder,
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    this.child = child;
    if (child.pid === undefined) throw new Error('Java could not be started.');
    this.forget = guard(child.pid, 'SIGKILL', temporary ? [folder] : []);
    started?.(child.pid);
    try {
      await untilItAnswers(this.url, () => hasEnded(child));
    } catch (error) {
      await this.end('SIGKILL');
      throw new Error(`Kafka did not start; see ${this.log}.`, { cause: error });
    }
    child.once('exit', () => this.report(child));
    if (hasEnded(child)) this.report(child);
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child && !hasEnded(child)) {
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    }
    this.forget();
  }

  private get log(): string {
    return join(this.options.folder, 'broker.log');
  }

  private report(child: ChildProcess): void {
    if (this.child !== child) return;
    this.child = undefined;
    this.forget();
    const tail = readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
    this.options.onDeath?.(`Kafka ended (${child.signalCode ?? child.exitCode}). The end of ${this.log}:\n${tail}`);
  }
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;
