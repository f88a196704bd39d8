import type { Consumer } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SubscriptionOptions } from './bus';
import { KafkaAssignment } from './kafka-assignment';
import { type KafkaAddress, kafkaClient, RETRY } from './kafka-client';
import type { KafkaCluster } from './kafka-cluster';
import { asError, Backoff, pause } from './waiting';

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
    const { topics } = this.options;
    for (const topic of topics) await this.parts.cluster.ensure(topic);
    const consumer = this.makeConsumer();
    const life = new AbortController();
    const end = (): void => life.abort();
    this.stopping.signal.addEventListener('abort', end);
    let crash: Error | undefined;
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      crash = payload.error;
      end();
    });
    const assignment = this.assign(consumer, life.signal);
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: 3,
        eachBatch: (payload) => {
          onProgress();
          return assignment.take(payload);
        },
      });
      const still = await this.watch(assignment, life.signal);
      if (still !== undefined) crash = new Error(`The consumer of ${still} made no progress and is replaced.`);
    } finally {
      life.abort();
      this.stopping.signal.removeEventListener('abort', end);
      const gone = consumer.disconnect().catch(() => undefined);
      // No batch begins any more. Once the one under way has ended, a consumer that hangs need not be waited for.
      await Promise.race([gone, assignment.idle().then(() => sleep(LET_GO_MS, undefined, { ref: false }))]);
    }
    if (crash) throw crash;
  }

  private makeConsumer(): Consumer {
    const { sessionMs } = this.times;
    return kafkaClient(this.parts.address, nameInTime(this.options.group)).consumer({
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

  /** The name of a partition that stands still; undefined when the consumer ended otherwise. */
  private async watch(assignment: KafkaAssignment, signal: AbortSignal): Promise<string | undefined> {
    for (;;) {
      await pause(this.times.watchMs, signal);
      if (signal.aborted) return undefined;
      const still = await assignment.findStill();
      if (still !== undefined) return still;
    }
  }
}
