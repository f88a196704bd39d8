import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { untilItAnswers } from './broker-answers';
import { newClusterId, SMALL } from './broker-settings';

const IMAGE = 'apache/kafka:4.3.1';
const ENGINE_LIMIT_MS = 5_000;
const STOP_LIMIT_MS = 20_000;
const [CLIENTS, BROKERS, CONTROLLER] = [9092, 9093, 9094];

// Loaded only when asked for: it takes half a second, and most runs have no use for it.
const testcontainers = () => import('testcontainers');

/** Whether a Docker engine answers here: found as testcontainers finds it, given up after five seconds. */
export const engineAnswers = async (): Promise<boolean> => {
  const { getContainerRuntimeClient } = await testcontainers();
  const found = getContainerRuntimeClient().then(
    () => true,
    () => false,
  );
  return Promise.race([found, sleep(ENGINE_LIMIT_MS, false, { ref: false })]);
};

/** A broker that is its own controller, as the image takes it: each setting is a variable. */
export const containerOf = (at: Readonly<{ host: string; port: number; clusterId: string }>) => ({
  image: IMAGE,
  environment: {
    ...Object.fromEntries(Object.entries(SMALL).map(([name, value]) => [variableOf(name), value])),
    CLUSTER_ID: at.clusterId,
    KAFKA_NODE_ID: '1',
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_LISTENERS: `CLIENTS://:${CLIENTS},BROKERS://:${BROKERS},CONTROLLER://:${CONTROLLER}`,
    // What clients are told has to be true outside the container, what the broker tells itself inside.
    KAFKA_ADVERTISED_LISTENERS: `CLIENTS://${at.host}:${at.port},BROKERS://localhost:${BROKERS}`,
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CLIENTS:PLAINTEXT,BROKERS:PLAINTEXT,CONTROLLER:PLAINTEXT',
    KAFKA_INTER_BROKER_LISTENER_NAME: 'BROKERS',
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_CONTROLLER_QUORUM_VOTERS: `1@localhost:${CONTROLLER}`,
    KAFKA_LOG_DIRS: '/var/lib/kafka/data',
    KAFKA_HEAP_OPTS: '-Xms96m -Xmx320m',
  },
  port: { container: CLIENTS, host: at.port },
  // A volume, for the image's account may not write into a folder of ours. The name is the cluster's: other data, other log.
  volume: { source: `oppi-kafka-${at.clusterId}`, target: '/var/lib/kafka/data' },
});

const variableOf = (setting: string): string => `KAFKA_${setting.toUpperCase().replaceAll('.', '_')}`;

/** The cluster of a run's folder: made once, so that the next run finds its volume again. */
const clusterOf = (folder: string): string => {
  const file = join(folder, 'cluster-id');
  mkdirSync(folder, { recursive: true });
  if (!existsSync(file)) writeFileSync(file, newClusterId());
  return readFileSync(file, 'utf8');
};

/** Starts a real Kafka in a container. It ends with this process; its data stay in a volume of the engine. */
export const startInEngine = async (
  folder: string,
  port: number,
): Promise<Readonly<{ url: string; stop: () => Promise<void> }>> => {
  const { GenericContainer, getContainerRuntimeClient } = await testcontainers();
  const { host } = (await getContainerRuntimeClient()).info.containerRuntime;
  const { image, environment, port: door, volume } = containerOf({ host, port, clusterId: clusterOf(folder) });
  const container = await new GenericContainer(image)
    .withEnvironment(environment)
    .withExposedPorts(door)
    .withBindMounts([volume])
    .start();
  const url = `kafka://${host}:${port}`;
  const stop = async (): Promise<void> => {
    await container.stop({ timeout: STOP_LIMIT_MS });
  };
  try {
    await untilItAnswers(url);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
};
