import type { Database } from '@oppi/database';
import type { EventLog, Recorded } from '@oppi/event-sourcing';
import type { Bus, Message } from './bus';
import { type Publication, toMessages } from './envelope';
import { lastPosition, RelayCheckpoint } from './relay-checkpoint';
import { asError, Backoff, Bell, pause, unlessAborted } from './waiting';

export type RelayOptions = Readonly<{
  /** The publishing service, `goal`: the checkpoint's key and the source of its messages. */
  source: string;
  topic: string;
  log: EventLog;
  /** The service's own database, with `relayMigrations` applied. */
  database: Database;
  bus: Bus;
  /** What the world may know of an event: nothing, one message or several. Pure, and the same for ever. */
  translate: (event: Recorded) => readonly Publication[];
  onError: (error: Error) => void;
  /** Events per batch. */
  batchSize?: number;
  /** How long it sleeps at most when there is nothing to do, in milliseconds. */
  idleMs?: number;
  /** How long a leader that died keeps the others waiting, in milliseconds. */
  leaseMs?: number;
}>;

const BUSY_MS = 5; // gathers what callers append meanwhile into one batch
const IDLE_MS = 250;
const PUBLISH_BYTES = 768 * 1024; // below the 1 MiB that a Kafka broker takes at once by default
const HEADER_BYTES = 1_024; // of one message, roughly
const LAG_REFRESH_MS = 500;
const LET_GO_MS = 2_000;

/**
 * Publishes a service's events in their order, at least once. The event log is the outbox: nothing is written twice. One
 * process leads, with one batch under way, and moves the checkpoint only after the log has the batch; so the first
 * appearance of a position always follows that of every smaller one, and readers drop repetitions by position alone.
 */
export class Relay {
  private readonly stopping = new AbortController();
  private readonly bell = new Bell();
  private loop: Promise<void> | undefined;
  private isLeading = false;
  private position = 0n;
  private knowsPosition = false;
  private head = 0n;
  private headReadAt = 0;
  private restMs = BUSY_MS;
  private published = 0;
  private failures = 0;

  constructor(private readonly options: RelayOptions) {}

  start(): void {
    this.loop ??= this.run();
  }

  /** Ends after the batch under way, unless the bus is silent, and gives the lead away. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  /** There is something new in the log, up to this position: look now. The lag counts it even while a publish hangs. */
  nudge(head = 0n): void {
    this.sees(head);
    if (this.isLeading) this.bell.ring();
  }

  /** How many positions of the log are not published yet; at most this many events, for positions have gaps. */
  lag(): bigint {
    return this.knowsPosition && this.head > this.position ? this.head - this.position : 0n;
  }

  metrics(): Record<string, number> {
    return {
      relay_leading: this.isLeading ? 1 : 0,
      relay_position: Number(this.position),
      relay_lag: Number(this.lag()),
      relay_published_total: this.published,
      relay_failures_total: this.failures,
    };
  }

  private async run(): Promise<void> {
    const backoff = new Backoff();
    while (!this.stopping.signal.aborted) {
      try {
        await this.serveTerm(() => backoff.reset());
      } catch (error) {
        this.fail(error);
        await this.measure(true).catch((failure: unknown) => this.fail(failure));
        await pause(backoff.next(), this.stopping.signal);
      }
    }
  }

  /** One term as leader, or one look at another's. Any failure ends it: the next term begins from the stored position. */
  private async serveTerm(onProgress: () => void): Promise<void> {
    const { database, source, bus, leaseMs = 5_000 } = this.options;
    const onError = (error: Error): void => this.fail(error);
    if (!this.knowsPosition) {
      // As long as the bus cannot be reached, the lag is that on the last one.
      this.position = await lastPosition(database, source);
      this.knowsPosition = true;
    }
    // Asked anew each time: the log may have been replaced by an empty one, which gets everything again.
    const identity = await this.answer(bus.identity());
    const checkpoint = new RelayCheckpoint({ database, source, bus: identity }, leaseMs, onError);
    const isMine = await checkpoint.take();
    try {
      this.position = await checkpoint.position();
      await this.measure(true);
      this.isLeading = isMine;
      while (checkpoint.isHeld && !this.stopping.signal.aborted) {
        if (!(await this.publishNext(checkpoint))) break;
        onProgress();
      }
    } finally {
      this.isLeading = false;
      await checkpoint.release().catch((error: unknown) => this.fail(error));
    }
    // Whoever lost the lead, or never had it, leaves the leader its time.
    await pause(Math.min(leaseMs / 3, 1_000), this.stopping.signal);
  }

  /** Publishes one batch and moves the checkpoint; false when another leader has moved it. */
  private async publishNext(checkpoint: RelayCheckpoint): Promise<boolean> {
    const { log, source, translate, batchSize = 1_000, idleMs = IDLE_MS } = this.options;
    const events = await log.readAfter(this.position, batchSize);
    const last = events.at(-1);
    if (!last) {
      this.head = this.position;
      await this.bell.wait(this.restMs, this.stopping.signal);
      this.restMs = Math.min(this.restMs * 10, idleMs);
      return true;
    }
    const messages = events.flatMap((event) => toMessages(source, event, translate(event)));
    await this.publish(messages);
    if (!(await checkpoint.move(this.position, last.position))) return false;
    this.position = last.position;
    this.restMs = BUSY_MS;
    if (events.length === batchSize) {
      await this.measure(false);
    } else {
      this.sees(last.position);
      await pause(BUSY_MS, this.stopping.signal);
    }
    return true;
  }

  private async publish(messages: readonly Message[]): Promise<void> {
    const { bus, topic } = this.options;
    for (const portion of portions(messages)) {
      await this.answer(bus.publish(topic, portion));
      this.published += portion.length;
    }
  }

  /** Of the bus. After a stop it is not waited for much longer; a publish that comes through later is a repetition. */
  private answer<T>(work: Promise<T>): Promise<T> {
    return unlessAborted(work, this.stopping.signal, LET_GO_MS);
  }

  /** Finds out how far the log reaches; not more often than useful unless forced. */
  private async measure(isForced: boolean): Promise<void> {
    if (!isForced && performance.now() - this.headReadAt < LAG_REFRESH_MS) return;
    this.sees(await this.options.log.head());
    this.headReadAt = performance.now();
  }

  private sees(position: bigint): void {
    if (position > this.head) this.head = position;
  }

  private fail(thrown: unknown): void {
    this.failures += 1;
    this.options.onError(asError(thrown));
  }
}

/** Cuts a batch where a publish would grow too large. */
const portions = (messages: readonly Message[]): Message[][] => {
  const cut: Message[][] = [];
  let bytes = Infinity;
  for (const message of messages) {
    const size = message.value.byteLength + HEADER_BYTES;
    if (bytes + size > PUBLISH_BYTES) {
      cut.push([]);
      bytes = 0;
    }
    cut.at(-1)?.push(message);
    bytes += size;
  }
  return cut;
};
