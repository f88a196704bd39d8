/** One published fact. All messages with one key stay in the order in which they were published to a topic. */
export type Message = Readonly<{
  /** The organisation the fact belongs to. */
  key: string;
  value: Uint8Array;
  /** Lower-case names; text only. */
  headers: Readonly<Record<string, string>>;
}>;

/** A message as it comes back from the log. */
export type Delivery = Message & Readonly<{ offset: bigint }>;

/** What one read of a partition gave, and what the log held at that moment. */
export type Batch = Readonly<{
  /** Identity of the log that this was read from. */
  log: string;
  topic: string;
  partition: number;
  /** The offset that was asked for. Offsets need not be dense: the first delivery may lie above it, never below. */
  from: bigint;
  /** The lowest offset that the log still held. */
  logStart: bigint;
  /** The offset that the next message will get, or one above the last that readers may see. */
  logEnd: bigint;
  deliveries: readonly Delivery[];
}>;

/** What the bus shall do after a batch: go on behind it, go on elsewhere, or end the subscription. */
export type AfterBatch = Readonly<{ seekTo?: bigint; halt?: boolean }>;

export type SubscriptionOptions = Readonly<{
  /** Members of one group share the partitions; a partition has one reader, or for moments two after a takeover. */
  group: string;
  topics: readonly string[];
  /** Where to read on. Asked at each assignment of a partition, and again after a failure. */
  startAt: (topic: string, partition: number) => Promise<bigint>;
  /**
   * One call at a time per partition. When it rejects, the same place is read again after a pause, until it resolves.
   * A batch without deliveries tells that the place asked for lies outside the log (`from` below `logStart` or above
   * `logEnd`); ordinary idleness is not told.
   */
  onBatch: (batch: Batch) => Promise<AfterBatch>;
  /** Hears of every failure that is being retried. */
  onError: (error: Error) => void;
}>;

export interface Subscription {
  /** Ends after the batch under way and lets another member take over at once. Again is no error. */
  stop(): Promise<void>;
}

/**
 * An ordered, durable log of topics. At least once: a message whose publishing failed may be there all the same, and a
 * reader may see a message again. Adapters pass `busConformance`.
 */
export interface Bus {
  /** Tells this log from any other, an emptied one too: offsets and checkpoints are worth something only beside it. */
  identity(): Promise<string>;
  /** Appends in this order; durable when it resolves. Callers keep one call per topic in flight and repeat what failed. */
  publish(topic: string, messages: readonly Message[]): Promise<void>;
  /** Resolves at once; a log that cannot be reached yet is waited for. */
  subscribe(options: SubscriptionOptions): Subscription;
  /** Stops the subscriptions and lets go of all connections. */
  close(): Promise<void>;
}
