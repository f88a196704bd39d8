import { openPool, type Database } from '@oppi/database';
import type { Bus, Message, Subscription, SubscriptionOptions } from './bus';
import { Doorbell } from './doorbell';
import { PgGroupMember } from './pg-group-member';
import { PgLog } from './pg-log';

export type PgLogBusOptions = Readonly<{
  /** Address of the log's own database, with `busMigrations` applied. */
  url: string;
  /** Hears of connections that broke; they are made anew. */
  onError: (error: Error) => void;
  /** How long a reader that died keeps its group's place, in milliseconds. */
  leaseMs?: number;
  /** How often an idle reader looks by itself, in milliseconds; publishing wakes it at once. */
  pollMs?: number;
}>;

/** The embedded log: a bus in a PostgreSQL database, so that nothing else needs to be installed. One partition a topic. */
export class PgLogBus implements Bus {
  private readonly database: Database;
  private readonly log: PgLog;
  private readonly doorbell: Doorbell;
  private readonly members = new Set<PgGroupMember>();
  private closing: Promise<void> | undefined;

  constructor(private readonly options: PgLogBusOptions) {
    // A connection that went silent must not hold up the log for ever: every statement here is short.
    this.database = openPool(options.url, options.onError, { max: 6, query_timeout: 30_000, keepAlive: true });
    this.log = new PgLog(this.database);
    this.doorbell = new Doorbell(options.url, options.onError);
  }

  identity(): Promise<string> {
    return this.log.identity();
  }

  publish(topic: string, messages: readonly Message[]): Promise<void> {
    return this.log.append(topic, messages);
  }

  /**
   * Forgets all messages of a topic below an offset and says where the log begins then. Whoever has not read them halts:
   * give the lowest offset that every consumer has behind it.
   */
  trim(topic: string, below: bigint): Promise<bigint> {
    return this.log.trim(topic, below);
  }

  subscribe(options: SubscriptionOptions): Subscription {
    const { leaseMs = 5_000, pollMs = 1_000 } = this.options;
    const parts = { database: this.database, log: this.log, doorbell: this.doorbell };
    const member = new PgGroupMember(parts, options, { leaseMs, pollMs });
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
    await this.doorbell.close();
    await this.database.end();
  }
}
