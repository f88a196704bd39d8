import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DomainError } from '@oppi/event-sourcing';
import { type Caller, Dispatcher, type OperationType, problemOf } from '@oppi/service';
import { gap, ImportProgress, type ItemResult } from './import-progress';

/** One command of a run: the operation and its input as the client sent it. */
export type Item = Readonly<{
  operation: OperationType;
  input: Record<string, unknown> & { requestId?: string; goalId?: string; personId?: string };
}>;
export type Run = Readonly<{ organisationId: string; importId: string; firstIndex: bigint; items: readonly Item[] }>;

const LOOK_AGAIN_MS = 20;

/** Whether so many facts wait to be published that imports should wait too; injected, so that they need not know the relay. */
export abstract class Backlog {
  abstract isTooLong(): boolean;
}

/** Runs imported commands as if they had been sent one by one, only faster. */
@Injectable()
export class HistoryImport {
  constructor(
    readonly dispatcher: Dispatcher,
    readonly progress: ImportProgress,
    readonly backlog: Backlog,
  ) {}

  /** A new stream of runs from one caller. */
  open(caller: Caller): ImportStream {
    return new ImportStream(this, caller);
  }
}

/**
 * The runs of one stream. A run begins while earlier ones are still being written: commands of one kind touch each other
 * only through their own aggregate, so only those on the same aggregate wait for each other. Another kind waits for all.
 */
export class ImportStream {
  private started: Promise<unknown> = Promise.resolve();
  private kept: Promise<unknown> = Promise.resolve();
  private next: { importId: string; index: bigint } | undefined;
  private kind: OperationType | undefined;
  /** The latest unfinished command of each aggregate. */
  private readonly underWay = new Map<string, Promise<unknown>>();

  constructor(
    private readonly history: HistoryImport,
    private readonly caller: Caller,
  ) {}

  /** The results of a run, in its order, kept. Rejects with `import-gap` when items before it have no result yet. */
  async take(run: Run): Promise<ItemResult[]> {
    const started = this.started.then(() => this.start(run));
    const results = started.then((items) => Promise.all(items));
    // In the order of the runs, so that what is kept never has a gap.
    const kept = Promise.all([results, this.kept]).then(([each]) =>
      this.history.progress.keep(run, run.firstIndex, each),
    );
    this.started = started;
    this.kept = kept;
    await kept;
    return results;
  }

  /** Resolves when every command of the run is on its way. */
  private async start(run: Run): Promise<readonly Promise<ItemResult>[]> {
    await this.requireNoGap(run);
    // Facts that nobody hears of yet are worth little: let the relay catch up before adding to its pile.
    while (this.history.backlog.isTooLong()) await pause(LOOK_AGAIN_MS);
    const results: Promise<ItemResult>[] = [];
    for (const [i, item] of run.items.entries()) {
      if (item.operation !== this.kind) await Promise.allSettled(this.underWay.values());
      this.kind = item.operation;
      results.push(this.follow(aggregateOf(item), () => this.runItem(run, item, run.firstIndex + BigInt(i))));
    }
    return results;
  }

  private follow<T>(aggregate: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.underWay.get(aggregate) ?? Promise.resolve()).then(work, work);
    this.underWay.set(aggregate, mine);
    const leave = (): void => {
      if (this.underWay.get(aggregate) === mine) this.underWay.delete(aggregate);
    };
    mine.then(leave, leave);
    return mine;
  }

  private async requireNoGap({ organisationId, importId, firstIndex, items }: Run): Promise<void> {
    if (this.next?.importId !== importId) {
      const index = await this.history.progress.nextIndex({ organisationId, importId });
      this.next = { importId, index };
    }
    if (firstIndex > this.next.index) throw gap(this.next.index);
    const end = firstIndex + BigInt(items.length);
    if (end > this.next.index) this.next = { importId, index: end };
  }

  private async runItem(run: Run, item: Item, index: bigint): Promise<ItemResult> {
    const { requestId, ...input } = item.input;
    const call = { requestId: requestId ?? `${run.importId}:${index.toString()}`, imported: true };
    try {
      const { organisationId } = run;
      const answer = await this.history.dispatcher.dispatch(
        item.operation,
        { ...input, organisationId },
        this.caller,
        call,
      );
      const { version, replayed } = answer as { version: number; replayed: boolean };
      return { outcome: replayed ? 'replayed' : 'accepted', version };
    } catch (error) {
      // A refusal is a result. Anything else breaks the stream, and the client goes on at this run.
      if (!(error instanceof DomainError) || error.kind === 'unavailable') throw error;
      const { code, message } = problemOf(error);
      return { outcome: 'refused', version: 0, code, message };
    }
  }
}

// A team may be the parent of the next one, so teams run one after the other.
const aggregateOf = ({ input: { goalId, personId } }: Item): string => goalId ?? personId ?? 'teams';
