import { CompressionTypes, Partitioners, type Producer } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from './bus';
import type { KafkaAddress } from './kafka-address';
import type { KafkaCluster } from './kafka-cluster';
import { KafkaLine, RETRY } from './kafka-line';

type Connected = Readonly<{ line: KafkaLine; producer: Promise<Producer> }>;

const COMPRESS_BYTES = 8 * 1024;
const LET_GO_MS = 2_000;

/**
 * Publishes with one request under way. After a failure kafkajs would number the next batch as the lost one, and a broker
 * that has that one would drop the new as its repetition; so a producer that failed is never used again.
 */
export class KafkaPublisher {
  private connected: Connected | undefined;
  private isClosed = false;
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

  /** A publish under way is given a moment; whether one that hangs then happened is not known, as after any failure. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.race([this.turn, sleep(LET_GO_MS, undefined, { ref: false })]);
    this.hangUp();
  }

  private async send(topic: string, messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    if (this.isClosed) throw new Error('The bus is closed.');
    const bytes = messages.reduce((sum, { value }) => sum + value.byteLength, 0);
    try {
      await this.cluster.ensure(topic);
      const producer = await (this.connected ??= this.connect()).producer;
      await producer.send({
        topic,
        acks: -1,
        compression: bytes > COMPRESS_BYTES ? CompressionTypes.GZIP : CompressionTypes.None,
        messages: messages.map(({ key, value, headers }) => ({ key, value: Buffer.from(value), headers })),
      });
    } catch (error) {
      this.hangUp();
      throw error;
    }
  }

  private connect(): Connected {
    const line = new KafkaLine(this.address, 'oppi-publisher');
    const producer = line.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner, // murmur2, as every other Kafka client does it
      retry: RETRY,
    });
    return { line, producer: producer.connect().then(() => producer) };
  }

  private hangUp(): void {
    this.connected?.line.cut();
    this.connected = undefined;
  }
}
