import type { Bus, Message, Subscription, SubscriptionOptions } from './bus';
import type { KafkaAddress } from './kafka-address';
import { type Bounds, KafkaCluster } from './kafka-cluster';
import { KafkaGroupMember } from './kafka-group-member';
import { KafkaPublisher } from './kafka-publisher';

export type KafkaBusOptions = KafkaAddress &
  Readonly<{
    /** Of topics that this bus makes. Never change it: a key would move to another partition, and lose its order. */
    partitions?: number;
    /** How long a reader that died keeps its partitions, in milliseconds. */
    sessionMs?: number;
    /** How often a reader is checked for standing still though there is something to read, in milliseconds. */
    watchMs?: number;
  }>;

/** The bus for more than one machine: Kafka, by kafkajs. Offsets are the readers' own; Kafka is told none. */
export class KafkaBus implements Bus {
  private readonly cluster: KafkaCluster;
  private readonly publisher: KafkaPublisher;
  private readonly members = new Set<KafkaGroupMember>();
  private closing: Promise<void> | undefined;

  constructor(private readonly options: KafkaBusOptions) {
    this.cluster = new KafkaCluster(options, options.partitions ?? 12);
    this.publisher = new KafkaPublisher(options, this.cluster);
  }

  identity(): Promise<string> {
    return this.cluster.identity();
  }

  publish(topic: string, messages: readonly Message[]): Promise<void> {
    return this.publisher.publish(topic, messages);
  }

  /** Forgets the messages of a partition below an offset. Whoever has not read them halts. */
  trim(topic: string, partition: number, below: bigint): Promise<void> {
    return this.cluster.trim(topic, partition, below);
  }

  /** What each partition of a topic holds. */
  bounds(topic: string): Promise<ReadonlyMap<number, Bounds>> {
    return this.cluster.bounds(topic);
  }

  /** The members of a group by Kafka's own names, the one longest in it first. */
  groupMembers(group: string): Promise<string[]> {
    return this.cluster.members(group);
  }

  subscribe(options: SubscriptionOptions): Subscription {
    const { sessionMs = 30_000, watchMs = 10_000 } = this.options;
    const parts = { address: this.options, cluster: this.cluster };
    const member = new KafkaGroupMember(parts, options, { sessionMs, watchMs });
    this.members.add(member);
    return {
      stop: async () => {
        this.members.delete(member);
        await member.stop();
      },
    };
  }

  close(): Promise<void> {
    this.closing ??= this.letGo();
    return this.closing;
  }

  private async letGo(): Promise<void> {
    await Promise.all([...this.members].map((member) => member.stop()));
    await this.publisher.close();
    this.cluster.close();
  }
}
