import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { javaProgram, run } from './jars';

export type BrokerLogin = Readonly<{ user: string; password: string }>;

type Place = Readonly<{
  folder: string;
  port: number;
  controllerPort: number;
  advertisedPort: number;
  login: BrokerLogin | undefined;
}>;

/** server.properties of a small broker that is its own controller. */
export const brokerSettings = ({ folder, port, controllerPort, advertisedPort, login }: Place): string => {
  const protocol = login ? 'SASL_SSL' : 'PLAINTEXT';
  const secured = login
    ? [
        'sasl.enabled.mechanisms=SCRAM-SHA-512',
        'sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512',
        `listener.name.clients.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="${login.user}" password="${login.password}";`,
        `ssl.keystore.location=${join(folder, 'broker.p12')}`,
        `ssl.keystore.password=${login.password}`,
        'ssl.keystore.type=PKCS12',
        `ssl.truststore.location=${join(folder, 'broker.p12')}`,
        `ssl.truststore.password=${login.password}`,
        'ssl.truststore.type=PKCS12',
      ]
    : [];
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    `listeners=CLIENTS://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    `advertised.listeners=CLIENTS://127.0.0.1:${advertisedPort}`,
    'controller.listener.names=CONTROLLER',
    `listener.security.protocol.map=CONTROLLER:PLAINTEXT,CLIENTS:${protocol}`,
    'inter.broker.listener.name=CLIENTS',
    ...secured,
    `log.dirs=${join(folder, 'data')}`,
    ...Object.entries(SMALL).map(([name, value]) => `${name}=${value}`),
    '',
  ].join('\n');
};

/** Settings of a broker that has one machine for itself and little to do. */
export const SMALL: Readonly<Record<string, string>> = {
  'auto.create.topics.enable': 'false', // topics are made by the bus, with their partitions
  'log.retention.ms': '-1', // published facts are kept until somebody decides otherwise
  'offsets.topic.num.partitions': '1',
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.num.partitions': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  // Members that start together are given their partitions together, instead of moving them again at once.
  'group.initial.rebalance.delay.ms': '250',
  'group.min.session.timeout.ms': '1000',
  'log.cleaner.dedupe.buffer.size': '2097152', // 128 MiB by default, which a small heap does not have
  'num.network.threads': '2',
  'num.io.threads': '2',
  'background.threads': '2',
  'log.initial.task.delay.ms': '100',
};

/** Every folder of data is a cluster of its own, so that nobody takes an emptied one for the one it knew. */
export const newClusterId = (): string => `k${randomBytes(16).toString('base64url').slice(1)}`;

/** A key pair and certificate for 127.0.0.1, made by Java's own tool, and the certificate for clients to trust. */
export const prepareTls = async (folder: string, { password }: BrokerLogin): Promise<void> => {
  const store = join(folder, 'broker.p12');
  if (existsSync(store)) return;
  const pass = ['-storetype', 'PKCS12', '-keystore', store, '-storepass', password, '-alias', 'broker'];
  const subject = ['-dname', 'CN=localhost', '-ext', 'SAN=ip:127.0.0.1,dns:localhost', '-validity', '3650'];
  await run(javaProgram('keytool'), ['-genkeypair', '-keyalg', 'EC', '-groupname', 'secp256r1', ...subject, ...pass]);
  await run(javaProgram('keytool'), ['-exportcert', '-rfc', '-file', join(folder, 'broker.pem'), ...pass]);
  writeFileSync(join(folder, 'README'), 'Data of a local Kafka; delete the folder to begin anew.\n');
};
