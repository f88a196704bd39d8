import type { Database } from '@oppi/database';
import type { InboxEvent } from '@oppi/messaging';

export type Reaction = (fact: InboxEvent) => Promise<void>;

const BATCH = 500;
const IDLE_MS = 250;
const RETRY_MS = 1_000;

/**
 * Reads the inbox in its order and reacts to each fact with commands. The checkpoint moves after a batch; what is repeated
 * after a crash, or done by two processes at once, was answered under the same keys and changes nothing.
 */
export class Reactor {
  private running = false;
  private loop: Promise<void> = Promise.resolve();
  private wake: () => void = () => undefined;
  private nudged = false;
  private readonly counts = { reacted: 0, failures: 0 };

  constructor(
    private readonly options: {
      database: Database;
      source: { readAfter(position: bigint, limit: number): Promise<InboxEvent[]> };
      /** Part of every key, so it never changes. */
      consumer: string;
      on: Readonly<Record<string, Reaction>>;
      /** Read tables folded from the same inbox that the reactions look into: a fact waits until all of them show it. */
      lookingInto?: readonly string[];
      onError: (error: unknown) => void;
    },
  ) {}

  start(): void {
    this.running = true;
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.running = false;
    this.wake();
    await this.loop;
  }

  nudge(): void {
    this.nudged = true;
    this.wake();
  }

  metrics(): Record<string, number> {
    return { reactions_total: this.counts.reacted, reaction_failures_total: this.counts.failures };
  }

  private async run(): Promise<void> {
    while (this.running) {
      try {
        this.nudged = false;
        const read = await this.reactToBatch();
        if (read < BATCH && !this.nudged) await this.sleep(IDLE_MS);
      } catch (error) {
        this.counts.failures += 1;
        this.options.onError(error);
        await this.sleep(RETRY_MS);
      }
    }
  }

  /** Reacts to what came next; answers how many facts were read. */
  async reactToBatch(): Promise<number> {
    const { on } = this.options;
    const facts = await this.next();
    for (const fact of facts) {
      const react = on[fact.type];
      if (!react) continue;
      await react(fact);
      this.counts.reacted += 1;
    }
    const last = facts.at(-1);
    if (last) await this.moveTo(last.position);
    return facts.length;
  }

  private async next(): Promise<InboxEvent[]> {
    const { source, lookingInto } = this.options;
    const from = await this.position();
    if (!lookingInto) return source.readAfter(from, BATCH);
    const shown = await this.shownBy(lookingInto);
    return shown > from ? (await source.readAfter(from, BATCH)).filter(({ position }) => position <= shown) : [];
  }

  /** The position up to which all these tables are complete. */
  private async shownBy(tables: readonly string[]): Promise<bigint> {
    const { rows } = await this.options.database.query<{ position: string }>({
      name: 'reaction-shown',
      text: 'select min(position) as position from projection_checkpoints where projection = any($1) having count(*) = $2',
      values: [tables, tables.length],
    });
    return BigInt(rows[0]?.position ?? 0);
  }

  private async position(): Promise<bigint> {
    const { rows } = await this.options.database.query<{ position: string }>({
      name: 'reaction-position',
      text: 'select position from reaction_checkpoints where consumer = $1',
      values: [this.options.consumer],
    });
    return BigInt(rows[0]?.position ?? 0);
  }

  private async moveTo(position: bigint): Promise<void> {
    await this.options.database.query(
      `insert into reaction_checkpoints (consumer, position) values ($1, $2)
       on conflict (consumer) do update set position = greatest(reaction_checkpoints.position, excluded.position)`,
      [this.options.consumer, position.toString()],
    );
  }

  private sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (!this.running || this.nudged) this.wake();
    });
  }
}
