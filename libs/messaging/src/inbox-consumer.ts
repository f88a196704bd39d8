import { Coalescer } from '@oppi/database';
import { DatabaseError } from 'pg';
import type { AfterBatch, Batch, Bus, Subscription } from './bus';
import type { Inbox, Intake, LossReason, Taken } from './inbox';
import { asError } from './waiting';

export type InboxConsumerOptions = Readonly<{
  bus: Bus;
  inbox: Inbox;
  /** The consuming service and what it follows: `reporting.inbox`. One member of the group reads at a time. */
  group: string;
  topics: readonly string[];
  /** Something new lies in the inbox, up to this position. */
  onAppended?: (position: bigint) => void;
  /** Hears of failures, which are retried, and of the one that halts the consumer. */
  onError: (error: Error) => void;
}>;

export type ConsumerState =
  | Readonly<{ status: 'stopped' }>
  | Readonly<{ status: 'running' }>
  /** The log no longer has what comes next. Nothing is read until an operator decides, and each start halts again. */
  | Readonly<{
      status: 'halted';
      reason: LossReason;
      topic: string;
      partition: number;
      nextOffset: bigint;
      logStart: bigint;
      logEnd: bigint;
    }>;

type Outcome = Intake | Error;

const MOST_TOGETHER = 12; // batches, of at most a little more than 4 MiB each

/** Carries batches from the bus to the inbox, and says how it fares. */
export class InboxConsumer {
  private subscription: Subscription | undefined;
  private current: ConsumerState = { status: 'stopped' };
  private readonly lags = new Map<string, bigint>();
  private readonly counts = { appended: 0, duplicates: 0, parked: 0, passedOver: 0, failures: 0 };

  // The inbox is written by one transaction at a time. Whatever partitions brought meanwhile goes into the next one.
  private readonly intake = new Coalescer<Batch, Outcome>({
    run: (batches) => this.takeTogether(batches),
    claims: ({ topic, partition }) => [`${topic} ${partition}`],
    most: MOST_TOGETHER,
    concurrency: 1,
  });

  constructor(private readonly options: InboxConsumerOptions) {}

  start(): void {
    if (this.subscription) return;
    const { bus, inbox, group, topics } = this.options;
    this.current = { status: 'running' };
    this.subscription = bus.subscribe({
      group,
      topics,
      startAt: async (topic, partition) => inbox.nextOffset({ bus: await bus.identity(), topic, partition }),
      onBatch: (batch) => this.take(batch),
      onError: (error) => this.fail(error),
    });
  }

  /** Ends after the batch under way. A halted consumer can be started again afterwards. */
  async stop(): Promise<void> {
    const subscription = this.subscription;
    await subscription?.stop();
    this.subscription = undefined;
    if (this.current.status === 'running') this.current = { status: 'stopped' };
  }

  state(): ConsumerState {
    return this.current;
  }

  metrics(): Record<string, number> {
    const { appended, duplicates, parked, passedOver, failures } = this.counts;
    return {
      inbox_appended_total: appended,
      inbox_duplicates_total: duplicates,
      inbox_parked_total: parked,
      inbox_passed_over_total: passedOver,
      inbox_failures_total: failures,
      inbox_lag: Number([...this.lags.values()].reduce((sum, lag) => sum + lag, 0n)),
      inbox_halted: this.current.status === 'halted' ? 1 : 0,
    };
  }

  private async take(batch: Batch): Promise<AfterBatch> {
    const outcome = await this.intake.submit(batch);
    if (outcome instanceof Error) throw outcome;
    return outcome.kind === 'lost' ? this.halt(batch, outcome) : { seekTo: outcome.next };
  }

  private async takeTogether(batches: readonly Batch[]): Promise<Outcome[]> {
    try {
      const taken = await this.options.inbox.take(batches);
      this.count(batches, taken);
      return [...taken.intakes];
    } catch (error) {
      // What the database refuses may be the fault of one batch. Alone it holds up its own partition, and no other.
      if (batches.length === 1 || !(error instanceof DatabaseError)) return batches.map(() => asError(error));
      const outcomes: Outcome[] = [];
      for (const batch of batches) outcomes.push(...(await this.takeTogether([batch])));
      return outcomes;
    }
  }

  private count(batches: readonly Batch[], { intakes, appended, head }: Taken): void {
    this.counts.appended += appended;
    intakes.forEach((intake, n) => {
      if (intake.kind !== 'stored') return;
      const { sorted, next } = intake;
      const { topic, partition, logEnd } = batches[n] as Batch;
      this.counts.duplicates += sorted.duplicates;
      this.counts.parked += sorted.parked.length;
      this.counts.passedOver += [...sorted.passedOver.values()].reduce((sum, count) => sum + count, 0);
      this.lags.set(`${topic} ${partition}`, logEnd > next ? logEnd - next : 0n);
    });
    if (head !== undefined) this.options.onAppended?.(head);
  }

  private halt(batch: Batch, { reason, next }: Extract<Intake, { kind: 'lost' }>): AfterBatch {
    const { topic, partition, logStart, logEnd } = batch;
    this.current = { status: 'halted', reason, topic, partition, nextOffset: next, logStart, logEnd };
    this.options.onError(
      new Error(
        `The inbox halts: ${topic}/${partition} holds offsets ${logStart} to ${logEnd}, but ${next} is next (${reason}).`,
      ),
    );
    return { halt: true };
  }

  private fail(thrown: unknown): void {
    this.counts.failures += 1;
    this.options.onError(asError(thrown));
  }
}
