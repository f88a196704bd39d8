import { freePort, guard } from '@oppi/local-postgres';
import { openBus } from '@oppi/messaging';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, closeSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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
}>;

export type Broker = Readonly<{
  /** `host:port`, as in KAFKA_BROKERS. */
  brokers: string;
  /** As in BUS_URL; names the login and the certificate when there are such. */
  url: string;
  /** Signal 9; what was acknowledged lies in the page cache and survives, so this is no power cut. */
  kill9: () => Promise<void>;
  /** Starts it again, on the same port and data. */
  start: () => Promise<void>;
  /** Stops it in good order; the data stay. */
  stop: () => Promise<void>;
}>;

const START_LIMIT_MS = 120_000;

/** Starts a real Kafka of one process, from Maven's jars. It ends with this process. */
export const startBroker = async (options: BrokerOptions): Promise<Broker> => {
  const { folder, root, login, port = await freePort(), temporary } = options;
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
  const broker = new BrokerProcess(folder, [...java, 'kafka.Kafka', settings], url, temporary ? [folder] : []);
  await broker.start();
  return {
    brokers,
    url,
    start: () => broker.start(),
    kill9: () => broker.end('SIGKILL'),
    stop: () => broker.end('SIGTERM'),
  };
};

class BrokerProcess {
  private child: ChildProcess | undefined;
  private forget: () => void = () => undefined;

  constructor(
    private readonly folder: string,
    private readonly command: readonly string[],
    private readonly url: string,
    private readonly toRemove: readonly string[],
  ) {}

  async start(): Promise<void> {
    const log = openSync(join(this.folder, 'broker.log'), 'a');
    const child = spawn(javaProgram('java'), this.command, { cwd: this.folder, stdio: ['ignore', log, log] });
    closeSync(log);
    this.child = child;
    if (child.pid === undefined) throw new Error('Java could not be started.');
    this.forget = guard(child.pid, 'SIGKILL', this.toRemove);
    await this.untilItAnswers(child);
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    this.forget();
  }

  /** Asks until a client would be answered: a port that listens is not enough. */
  private async untilItAnswers(child: ChildProcess): Promise<void> {
    const bus = openBus({ url: this.url, onError: () => undefined });
    const end = performance.now() + START_LIMIT_MS;
    try {
      for (;;) {
        if (
          await bus.identity().then(
            () => true,
            () => false,
          )
        )
          return;
        if (child.exitCode !== null || child.signalCode !== null || performance.now() > end)
          throw new Error(`Kafka did not start; see ${join(this.folder, 'broker.log')}.`);
        await sleep(100);
      }
    } finally {
      await bus.close();
    }
  }
}
