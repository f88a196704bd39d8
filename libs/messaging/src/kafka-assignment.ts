import type { Consumer, EachBatchPayload, IHeaders } from 'kafkajs';
import type { AfterBatch, Batch, Delivery, SubscriptionOptions } from './bus';
import type { Bounds, KafkaCluster } from './kafka-cluster';
import { asError, Backoff, pause } from './waiting';

type Parts = Readonly<{
  consumer: Consumer;
  cluster: KafkaCluster;
  options: SubscriptionOptions;
  onHalt: () => void;
  heartbeatMs: number;
  /** Aborted when the consumer ends. */
  signal: AbortSignal;
}>;

/** Where the reader of one partition is. */
type Place = {
  readonly topic: string;
  readonly partition: number;
  readonly backoff: Backoff;
  log: string;
  logStart: bigint;
  /** The offset to read next; undefined while it is being found out, and the partition is paused. */
  at: bigint | undefined;
  /** Where the watch saw it last. */
  seen: bigint | undefined;
  isBusy: boolean;
};

const SAME_PLACE_MS = 100;

/**
 * The partitions that one consumer was given. Each is paused until its reader has said where to go on; so kafkajs never
 * reads from a place of its own choosing, and where it resets an offset behind our back that is noticed.
 */
export class KafkaAssignment {
  private readonly places = new Map<string, Place>();
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(private readonly parts: Parts) {}

  /** The group dealt its partitions anew. */
  begin(assigned: Readonly<Record<string, readonly number[]>>): void {
    this.places.clear();
    for (const [topic, partitions] of Object.entries(assigned))
      for (const partition of partitions) {
        const place: Place = {
          topic,
          partition,
          backoff: new Backoff(),
          log: '',
          logStart: 0n,
          at: undefined,
          seen: undefined,
          isBusy: false,
        };
        this.places.set(nameOf(place), place);
        this.find(place, false);
      }
  }

  /** Hands over what kafkajs fetched, unless the reader is elsewhere by now. */
  async take(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const place = this.places.get(nameOf(batch));
    if (place?.at === undefined || this.parts.signal.aborted) return;
    const beat = setInterval(() => void payload.heartbeat().catch(() => undefined), this.parts.heartbeatMs);
    place.isBusy = true;
    try {
      const read = await this.readingOf(place, place.at, batch);
      if (!read) {
        this.find(place, false);
        return;
      }
      const next = await this.handOver(read);
      if (next === place.at) await pause(SAME_PLACE_MS, this.parts.signal);
      if (!this.isCurrent(place)) return;
      place.at = next;
      place.backoff.reset();
      payload.resolveOffset((next - 1n).toString());
    } catch (error) {
      this.parts.options.onError(asError(error));
      if (this.isCurrent(place)) this.find(place, true);
    } finally {
      clearInterval(beat);
      place.isBusy = false;
    }
  }

  /** Resolves when the calls under way have ended. */
  async idle(): Promise<void> {
    await Promise.all(this.turns.values());
  }

  /** A partition that has something to read and stood still since the last call; its offsets are looked after, too. */
  async findStill(): Promise<string | undefined> {
    for (const place of [...this.places.values()]) {
      const { at } = place;
      const bounds = (await this.parts.cluster.bounds(place.topic)).get(place.partition);
      if (!bounds || at === undefined || at !== place.at || place.isBusy || !this.isCurrent(place)) continue;
      // kafkajs may have reset the offset in silence: an emptied partition brings no batch that would show it.
      if (!isWithin(bounds, at)) this.find(place, false);
      if (at < bounds.end && at === place.seen) return nameOf(place);
      place.seen = at;
    }
    return undefined;
  }

  /** What was fetched, as a batch; undefined when it does not continue where we are. */
  private async readingOf(place: Place, from: bigint, fetched: EachBatchPayload['batch']): Promise<Batch | undefined> {
    const { topic, partition, log } = place;
    const deliveries = fetched.messages.map((message): Delivery => ({
      offset: BigInt(message.offset),
      key: message.key?.toString() ?? '',
      value: message.value ?? new Uint8Array(0),
      headers: textsOf(message.headers),
    }));
    const first = deliveries[0]?.offset;
    if (first === undefined) return undefined;
    // It begins above our place: numbers that no message has, or messages that are gone.
    if (first !== from) {
      const bounds = (await this.parts.cluster.bounds(topic)).get(partition);
      if (!bounds || first < from || !isWithin(bounds, from)) return undefined;
      place.logStart = bounds.start;
    }
    return { log, topic, partition, from, logStart: place.logStart, logEnd: BigInt(fetched.highWatermark), deliveries };
  }

  /** Pauses the partition, asks its reader where to go on and goes there; again until that succeeds. */
  private find(place: Place, hasFailed: boolean): void {
    place.at = undefined;
    const partition = { topic: place.topic, partitions: [place.partition] };
    this.parts.consumer.pause([partition]);
    const looking = async (): Promise<void> => {
      if (hasFailed) await pause(place.backoff.next(), this.parts.signal);
      while (this.isCurrent(place)) {
        try {
          const at = await this.whereToGo(place);
          if (!this.isCurrent(place)) return;
          if (at !== undefined) {
            this.goTo(place, at);
            return;
          }
        } catch (error) {
          if (this.isCurrent(place)) this.parts.options.onError(asError(error));
        }
        await pause(place.backoff.next(), this.parts.signal);
      }
    };
    void looking();
  }

  /** The reader's offset if the log has it. If not the reader is told, and may choose another. */
  private async whereToGo(place: Place): Promise<bigint | undefined> {
    const { topic, partition } = place;
    const { cluster, options } = this.parts;
    const from = await options.startAt(topic, partition);
    place.log = await cluster.identity();
    const bounds = (await cluster.bounds(topic)).get(partition);
    if (!bounds) throw new Error(`Kafka says nothing of ${nameOf(place)}.`);
    place.logStart = bounds.start;
    if (isWithin(bounds, from)) return from;
    if (!this.isCurrent(place)) return undefined;
    const outside = { log: place.log, topic, partition, from, logStart: bounds.start, logEnd: bounds.end };
    const next = await this.handOver({ ...outside, deliveries: [] });
    return isWithin(bounds, next) ? next : undefined;
  }

  private goTo(place: Place, at: bigint): void {
    const { topic, partition } = place;
    place.at = at;
    this.parts.consumer.seek({ topic, partition, offset: at.toString() });
    this.parts.consumer.resume([{ topic, partitions: [partition] }]);
  }

  /** The handler's answer: the offset to read next. One call at a time, also for a partition that left and came back. */
  private async handOver(batch: Batch): Promise<bigint> {
    const name = nameOf(batch);
    const turn = (this.turns.get(name) ?? Promise.resolve()).then((): Promise<AfterBatch> =>
      this.parts.signal.aborted ? Promise.resolve({}) : this.parts.options.onBatch(batch),
    );
    this.turns.set(
      name,
      turn.catch(() => undefined),
    );
    const { seekTo, halt } = await turn;
    if (halt) this.parts.onHalt();
    const last = batch.deliveries.at(-1);
    return seekTo ?? (last ? last.offset + 1n : batch.from);
  }

  private isCurrent(place: Place): boolean {
    return !this.parts.signal.aborted && this.places.get(nameOf(place)) === place;
  }
}

const nameOf = ({ topic, partition }: Readonly<{ topic: string; partition: number }>): string =>
  `${topic}/${partition}`;

/** The end is within: there the next message will be. */
const isWithin = ({ start, end }: Bounds, offset: bigint): boolean => offset >= start && offset <= end;

/** Our headers are text and stand once. Of a repeated one the values are joined so that no reader takes it for good. */
const textsOf = (headers: IHeaders = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().map(String).join('\0')]),
  );
