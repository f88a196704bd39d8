import { engineAnswers, startInEngine } from '../kafka/engine-broker';
import { untilItAnswers } from '../kafka/broker-answers';
import { findKafka } from '../kafka/find-kafka';
import { startBroker } from '../kafka/start-broker';
import { join } from 'node:path';
import type { Child, StartChild } from './keep-running';
import { ROOT } from './layout';
import { requireFreePort } from './ports';
import { noteChild } from './run-file';

/** The buses that a local run can use. */
export const BUSES = ['embedded', 'kafka'] as const;
export type BusName = (typeof BUSES)[number];

/** The bus of a running product. */
export type LocalBus = Readonly<{
  name: BusName;
  /** As in BUS_URL. May hold a password. */
  url: string;
  /** In words for the reader. */
  text: string;
}>;

type RunningKafka = Child & Readonly<{ pid: number }>;

/** What a start lends to its bus. */
type Start = Readonly<{
  folder: string;
  port: number;
  step: <T>(name: string, work: () => Promise<T>) => Promise<T>;
  keep: (start: StartChild<RunningKafka>) => Promise<unknown>;
  onStop: (stop: () => Promise<void>) => void;
}>;

const GIVEN_LIMIT_MS = 15_000;

/** The embedded log, or a Kafka that is found or started; throws with what to install when there can be none. */
export const busOf = async (name: BusName, embedded: string, start: Start): Promise<LocalBus> => {
  if (name === 'embedded') return { name, url: embedded, text: 'the embedded log, a database of its own' };
  const source = await findKafka({ root: ROOT, env: process.env, hasEngine: engineAnswers });
  switch (source.from) {
    case 'environment':
      await start.step('looking for the Kafka of KAFKA_BROKERS', () =>
        untilItAnswers(source.url, undefined, GIVEN_LIMIT_MS),
      );
      return { name, url: source.url, text: `Kafka at ${process.env['KAFKA_BROKERS']}` };
    case 'engine':
      return start.step('starting Kafka in a container', () => inEngine(start));
    case 'jars':
      return start.step('starting Kafka', () => byJava(start));
  }
};

const inEngine = async ({ folder, port, onStop }: Start): Promise<LocalBus> => {
  await requireFreePort('Kafka', port);
  const { url, stop } = await startInEngine(join(folder, 'kafka'), port);
  onStop(stop);
  return { name: 'kafka', url, text: `Kafka in a container, port ${port}` };
};

const byJava = async ({ folder, port, keep }: Start): Promise<LocalBus> => {
  await requireFreePort('Kafka', port);
  const options = { folder: join(folder, 'kafka', 'broker'), root: ROOT, port };
  await keep(async (onDeath) => {
    const broker = await startBroker({ ...options, onDeath, started: (pid) => noteChild(folder, pid) });
    return { pid: broker.pid(), stop: broker.stop };
  });
  return { name: 'kafka', url: `kafka://127.0.0.1:${port}`, text: `Kafka at 127.0.0.1:${port}` };
};
