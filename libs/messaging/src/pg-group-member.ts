import type { Database } from '@oppi/database';
import type { SubscriptionOptions } from './bus';
import type { Doorbell } from './doorbell';
import { Lease } from './lease';
import type { PgLog } from './pg-log';
import { asError, Backoff, Bell, pause } from './waiting';

type Parts = Readonly<{ database: Database; log: PgLog; doorbell: Doorbell }>;
type Times = Readonly<{ leaseMs: number; pollMs: number }>;

/** One reader of a group. It reads all topics while it holds the group's lease, and else waits to take over. */
export class PgGroupMember {
  private readonly stopping = new AbortController();
  private readonly lease: Lease;
  private readonly loop: Promise<void>;

  constructor(
    private readonly parts: Parts,
    private readonly options: SubscriptionOptions,
    private readonly times: Times,
  ) {
    this.lease = new Lease({
      database: parts.database,
      table: 'bus_groups',
      key: { name: options.group },
      durationMs: times.leaseMs,
      onError: options.onError,
    });
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  private async run(): Promise<void> {
    const { topics, onError } = this.options;
    const backoff = new Backoff();
    while (!this.stopping.signal.aborted) {
      try {
        const isMine = await this.lease.take();
        backoff.reset();
        if (isMine) await Promise.all(topics.map((topic) => this.follow(topic)));
        else await pause(this.times.leaseMs / 3, this.stopping.signal);
      } catch (error) {
        onError(asError(error));
        await pause(backoff.next(), this.stopping.signal);
      }
    }
    await this.lease.release().catch((error: unknown) => onError(asError(error)));
  }

  /** Hands over one topic, batch by batch, until the lease is lost or the member stops. Never rejects. */
  private async follow(topic: string): Promise<void> {
    const { startAt, onError } = this.options;
    const backoff = new Backoff();
    const bell = new Bell();
    const takeDown = this.parts.doorbell.hang(topic, bell);
    let place: bigint | undefined;
    while (this.isReading()) {
      try {
        place ??= await startAt(topic, 0);
        const { next, isMore } = await this.handOver(topic, place);
        place = next;
        backoff.reset();
        if (!isMore) await bell.wait(this.times.pollMs, this.stopping.signal);
      } catch (error) {
        onError(asError(error));
        place = undefined; // the handler may have got further than its answer
        await pause(backoff.next(), this.stopping.signal);
      }
    }
    takeDown();
  }

  /** Reads and handles one batch; the place to read on, and whether something lay there at the time of the read. */
  private async handOver(topic: string, place: bigint): Promise<{ next: bigint; isMore: boolean }> {
    const batch = await this.parts.log.read(topic, place);
    const last = batch.deliveries.at(-1);
    const isOutside = place < batch.logStart || place > batch.logEnd;
    if (!this.isReading() || (!last && !isOutside)) return { next: place, isMore: false };
    const { seekTo, halt } = await this.options.onBatch(batch);
    if (halt) this.stopping.abort();
    const next = seekTo ?? (last ? last.offset + 1n : place);
    return { next, isMore: next !== batch.logEnd && next !== place };
  }

  private isReading(): boolean {
    return !this.stopping.signal.aborted && this.lease.isHeld;
  }
}
