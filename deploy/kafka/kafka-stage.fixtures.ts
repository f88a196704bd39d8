import { freePort } from '@oppi/local-postgres';
import { inboxMigrations, KafkaBus, relayMigrations } from '@oppi/messaging';
import type { Stage } from '@oppi/messaging/testing';
import { freshDatabase } from '@oppi/testing';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../local/layout';
import { type Broker, startBroker } from './start-broker';
import { layWire, leaveInTheNameOf, type Wire } from './wire.fixtures';

export type KafkaStage = Stage &
  Readonly<{
    broker: Broker;
    wire: Wire;
    /** Like `connect`, for topics of that many partitions. */
    connectTo: (partitions: number) => KafkaBus;
    /** The members of a group, as Kafka knows them. */
    groupMembers: (group: string) => Promise<string[]>;
  }>;

/**
 * A broker of its own behind a wire that can be cut. One partition a topic, because the suite looks at single offsets;
 * each topic of a scene is a new one.
 */
export const kafkaStage = async (): Promise<KafkaStage> => {
  const port = await freePort();
  const wire = await layWire(port);
  const folder = mkdtempSync(join(tmpdir(), 'oppi-kafka-'));
  const broker = await startBroker({ folder, root: ROOT, port, advertisedPort: wire.port, temporary: true });
  const service = await freshDatabase([...relayMigrations, ...inboxMigrations]);
  const brokers = [broker.brokers];
  const connectTo = (partitions: number): KafkaBus =>
    new KafkaBus({ brokers, partitions, sessionMs: 6_000, watchMs: 1_000 });
  const admin = connectTo(1);
  return {
    broker,
    wire,
    connectTo,
    groupMembers: (group) => admin.groupMembers(group),
    connect: () => connectTo(1),
    serviceDatabase: async () => {
      await service.pool.query(
        'truncate relay_checkpoints, inbox, inbox_marks, inbox_offsets, parked_messages restart identity',
      );
      return { pool: service.pool, drop: () => Promise.resolve() };
    },
    cutConnections: () => {
      wire.cut();
      return Promise.resolve();
    },
    crash: async () => {
      await broker.kill9();
      await broker.start();
    },
    trim: (topic, below) => admin.trim(topic, 0, below),
    depose: async (group) => {
      for (const member of await admin.groupMembers(group)) await leaveInTheNameOf(port, group, member);
    },
    end: async () => {
      await admin.close();
      await service.drop();
      await broker.stop();
      wire.close();
    },
  };
};
