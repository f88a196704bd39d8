import type { Consumer, Kafka } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SubscriptionOptions } from './bus';
import { KafkaAssignment } from './kafka-assignment';
import type { KafkaAddress } from './kafka-address';
import type { KafkaCluster } from './kafka-cluster';
import { KafkaLine, RETRY } from './kafka-line';
import { asError, Backoff, pause, unlessAborted } from './waiting';

type Parts = Readonly<{ address: KafkaAddress; cluster: KafkaCluster }>;
type Times = Readonly<{ sessionMs: number; watchMs: number }>;

const LET_GO_MS = 2_000;

let membersMade = 0;

/**
 * Partitions are dealt to the members in the order of their names. This one rises with time, so whoever has read longest
 * keeps its partitions and a newcomer takes none that it need not.
 */
const nameInTime = (group: string): string => {
  membersMade += 1;
  return [group, Date.now().toString(36).padStart(9, '0'), String(membersMade).padStart(6, '0')].join('-');
};

/** One reader of a group. A consumer that crashed or stands still is thrown away for a new one: kafkajs mends neither. */
export class KafkaGroupMember {
  private readonly stopping = new AbortController();
  private readonly loop: Promise<void>;

  constructor(
    private readonly parts: Parts,
    private readonly options: SubscriptionOptions,
    private readonly times: Times,
  ) {
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  private async run(): Promise<void> {
    const backoff = new Backoff();
    while (!this.stopping.signal.aborted) {
      try {
        await this.serve(() => backoff.reset());
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        this.options.onError(asError(error));
        await pause(backoff.next(), this.stopping.signal);
      }
    }
  }

  /** The life of one consumer: until the member stops, or rejecting with what ended it. */
  private async serve(onProgress: () => void): Promise<void> {
    const line = new KafkaLine(this.parts.address, nameInTime(this.options.group));
    const consumer = this.makeConsumer(line.kafka);
    const life = new AbortController();
    const end = (): void => life.abort();
    this.stopping.signal.addEventListener('abort', end);
    let crash: Error | undefined;
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      crash = payload.error;
      end();
    });
    const assignment = this.assign(consumer, life.signal);
    const started = this.begin(consumer, assignment, onProgress);
    try {
      // Joining waits for others, an answer for a broker that may be gone: neither holds up the end.
      await unlessAborted(started, life.signal);
      const still = await this.watch(assignment, life.signal);
      throw new Error(`The consumer of ${still} made no progress and is replaced.`);
    } catch (error) {
      throw crash ?? error;
    } finally {
      life.abort();
      this.stopping.signal.removeEventListener('abort', end);
      await leave(consumer, started, assignment);
      line.cut();
    }
  }

  private async begin(consumer: Consumer, assignment: KafkaAssignment, onProgress: () => void): Promise<void> {
    const { topics } = this.options;
    for (const topic of topics) await this.parts.cluster.ensure(topic);
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 12, // what one fetch brought goes into the inbox together
      eachBatch: (payload) => {
        onProgress();
        return assignment.take(payload);
      },
    });
  }

  private makeConsumer(kafka: Kafka): Consumer {
    const { sessionMs } = this.times;
    return kafka.consumer({
      groupId: this.options.group,
      sessionTimeout: sessionMs,
      rebalanceTimeout: 60_000,
      heartbeatInterval: sessionMs / 10,
      maxWaitTimeInMs: 500, // a fetch returns with the first message; this bounds idle requests and stopping
      minBytes: 1,
      maxBytesPerPartition: 1024 * 1024,
      maxBytes: 8 * 1024 * 1024,
      allowAutoTopicCreation: false,
      retry: { ...RETRY, restartOnFailure: () => Promise.resolve(false) },
    });
  }

  private assign(consumer: Consumer, signal: AbortSignal): KafkaAssignment {
    const { cluster } = this.parts;
    const onHalt = (): void => this.stopping.abort();
    const heartbeatMs = this.times.sessionMs / 10;
    const assignment = new KafkaAssignment({ consumer, cluster, options: this.options, onHalt, heartbeatMs, signal });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => assignment.begin(payload.memberAssignment));
    return assignment;
  }

  /** The name of a partition that stands still. Rejects when the consumer ends otherwise. */
  private async watch(assignment: KafkaAssignment, signal: AbortSignal): Promise<string> {
    for (;;) {
      await pause(this.times.watchMs, signal);
      const still = await unlessAborted(assignment.findStill(), signal);
      if (still !== undefined) return still;
    }
  }
}

/**
 * Waits for the batch under way; no other begins. Then Kafka is told that the member leaves, if it hears that soon: otherwise
 * its session there ends by itself.
 */
const leave = async (consumer: Consumer, started: Promise<void>, assignment: KafkaAssignment): Promise<void> => {
  // A consumer that is told while it joins forgets that it runs, and would stay in the group for good.
  const left = started
    .catch(() => undefined)
    .then(() => consumer.disconnect())
    .catch(() => undefined);
  await assignment.idle();
  await Promise.race([left, sleep(LET_GO_MS, undefined, { ref: false })]);
};
