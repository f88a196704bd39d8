import type { Admin } from 'kafkajs';
import type { KafkaAddress } from './kafka-address';
import { KafkaLine } from './kafka-line';

/** The offsets that a partition holds: from `start` to below `end`. */
export type Bounds = Readonly<{ start: bigint; end: bigint }>;

type Connected = Readonly<{ line: KafkaLine; admin: Promise<Admin> }>;

/** Questions to the cluster, over one connection; after any failure it is made anew. */
export class KafkaCluster {
  private connected: Connected | undefined;
  private isClosed = false;
  private readonly known = new Set<string>();
  private readonly asked = new Map<string, Promise<ReadonlyMap<number, Bounds>>>();

  constructor(
    private readonly address: KafkaAddress,
    private readonly partitions: number,
  ) {}

  identity(): Promise<string> {
    return this.ask(async (admin) => (await admin.describeCluster()).clusterId);
  }

  /** Makes a topic that is not there yet. */
  async ensure(topic: string): Promise<void> {
    if (this.known.has(topic)) return;
    await this.ask(async (admin) => {
      // Looked for first: where operators make the topics, this account may not.
      if (!(await admin.listTopics()).includes(topic)) await this.create(admin, topic);
    });
    this.known.add(topic);
  }

  /** What each partition of a topic holds. Those who ask at the same time share one answer. */
  bounds(topic: string): Promise<ReadonlyMap<number, Bounds>> {
    const underWay = this.asked.get(topic);
    if (underWay) return underWay;
    const answer = this.ask(async (admin) => {
      const offsets = await admin.fetchTopicOffsets(topic);
      return new Map(offsets.map(({ partition, low, high }) => [partition, { start: BigInt(low), end: BigInt(high) }]));
    }).finally(() => this.asked.delete(topic));
    this.asked.set(topic, answer);
    return answer;
  }

  /** Forgets the messages of a partition below an offset. */
  async trim(topic: string, partition: number, below: bigint): Promise<void> {
    await this.bounds(topic); // kafkajs deletes only from topics whose leaders it has met
    await this.ask((admin) =>
      admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: below.toString() }] }),
    );
  }

  /** The members of a group, the one that reads before the one that waits. */
  async members(group: string): Promise<string[]> {
    const { groups } = await this.ask((admin) => admin.describeGroups([group]));
    return groups.flatMap(({ members }) => members.map(({ memberId }) => memberId)).sort();
  }

  /** Questions under way fail. */
  close(): void {
    this.isClosed = true;
    this.connected?.line.cut();
  }

  private async create(admin: Admin, topic: string): Promise<void> {
    const { brokers } = await admin.describeCluster();
    const replicationFactor = Math.min(3, brokers.length);
    const settings = {
      'cleanup.policy': 'delete',
      'retention.ms': '-1', // facts are kept: a reader that begins today reads them all
      'retention.bytes': '-1',
      'min.insync.replicas': replicationFactor > 1 ? '2' : '1',
    };
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    await admin.createTopics({
      topics: [{ topic, numPartitions: this.partitions, replicationFactor, configEntries }],
      waitForLeaders: true,
    });
  }

  private async ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    if (this.isClosed) throw new Error('The bus is closed.');
    const connected = (this.connected ??= this.connect());
    try {
      return await question(await connected.admin);
    } catch (error) {
      this.known.clear(); // a topic may be what is missing
      connected.line.cut();
      if (this.connected === connected) this.connected = undefined;
      throw error;
    }
  }

  private connect(): Connected {
    const line = new KafkaLine(this.address, 'oppi-admin');
    const admin = line.kafka.admin();
    return { line, admin: admin.connect().then(() => admin) };
  }
}
