import { CompressionTypes, Partitioners, type Producer } from 'kafkajs';
import type { Message } from './bus';
import { type KafkaAddress, kafkaClient, RETRY } from './kafka-client';
import type { KafkaCluster } from './kafka-cluster';

const COMPRESS_BYTES = 8 * 1024;

/**
 * Publishes with one request under way. After a failure kafkajs would number the next batch as the lost one, and a broker
 * that has that one would drop the new as its repetition; so a producer that failed is never used again.
 */
export class KafkaPublisher {
  private producer: Promise<Producer> | undefined;
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly address: KafkaAddress,
    private readonly cluster: KafkaCluster,
  ) {}

  publish(topic: string, messages: readonly Message[]): Promise<void> {
    const mine = this.turn.then(() => this.send(topic, messages));
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  async close(): Promise<void> {
    await this.turn;
    await this.drop();
  }

  private async send(topic: string, messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    const bytes = messages.reduce((sum, { value }) => sum + value.byteLength, 0);
    try {
      await this.cluster.ensure(topic);
      const producer = await (this.producer ??= this.connect());
      await producer.send({
        topic,
        acks: -1,
        compression: bytes > COMPRESS_BYTES ? CompressionTypes.GZIP : CompressionTypes.None,
        messages: messages.map(({ key, value, headers }) => ({ key, value: Buffer.from(value), headers })),
      });
    } catch (error) {
      await this.drop();
      throw error;
    }
  }

  private async connect(): Promise<Producer> {
    const producer = kafkaClient(this.address, 'oppi-publisher').producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner, // murmur2, as every other Kafka client does it
      retry: RETRY,
    });
    await producer.connect();
    return producer;
  }

  private async drop(): Promise<void> {
    const producer = this.producer;
    this.producer = undefined;
    await (await producer?.catch(() => undefined))?.disconnect().catch(() => undefined);
  }
}
