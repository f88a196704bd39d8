import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DomainError } from '@oppi/event-sourcing';
import { type Caller, Dispatcher, problemOf } from '@oppi/service';
import type { Item } from './import-items';
import { gap, ImportProgress, type ItemResult } from './import-progress';

export type Run = Readonly<{ organisationId: string; importId: string; firstIndex: bigint; items: readonly Item[] }>;
type RunUnderWay = Run & Readonly<{ giveUp: AbortSignal }>;

const LOOK_AGAIN_MS = 20;
const ASK_AGAIN_MS = 200;

/** Injected, so that an import need not know the relay and the configuration. */
export abstract class ImportLimits {
  /** Whether so many facts wait to be published that imports should wait too. */
  abstract backlogIsTooLong(): boolean;
  /**
   * How long a run waits for what its items name and the service has not heard of yet; the client may send it again
   * afterwards.
   */
  abstract readonly mostWaitMs: number;
}

/** Runs imported commands as if they had been sent one by one, only faster. */
@Injectable()
export class HistoryImport {
  constructor(
    readonly dispatcher: Dispatcher,
    readonly progress: ImportProgress,
    readonly limits: ImportLimits,
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
  private kind: Item['operation'] | undefined;
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
    while (this.history.limits.backlogIsTooLong()) await pause(LOOK_AGAIN_MS);
    const underWay = { ...run, giveUp: AbortSignal.timeout(this.history.limits.mostWaitMs) };
    const results: Promise<ItemResult>[] = [];
    for (const [i, item] of run.items.entries()) {
      if (item.operation !== this.kind) await Promise.allSettled(this.underWay.values());
      this.kind = item.operation;
      results.push(this.follow(item.aggregate, () => this.runItem(underWay, item, run.firstIndex + BigInt(i))));
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

  private async runItem(run: RunUnderWay, item: Item, index: bigint): Promise<ItemResult> {
    const { requestId, ...input } = item.input;
    const call = { requestId: requestId ?? `${run.importId}:${index.toString()}`, imported: true };
    const fields = { ...input, organisationId: run.organisationId };
    try {
      const answer = await onceKnown(run.giveUp, () =>
        this.history.dispatcher.dispatch(item.operation, fields, this.caller, call),
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

/** Tries until what the command names is known, or the time is up: history may arrive before the facts it rests on. */
const onceKnown = async <T>(giveUp: AbortSignal, attempt: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof DomainError) || error.kind !== 'unknown-yet' || giveUp.aborted) throw error;
      await pause(ASK_AGAIN_MS);
    }
  }
};
