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
    private readonly dispatcher: Dispatcher,
    private readonly progress: ImportProgress,
    private readonly backlog: Backlog,
  ) {}

  /** The results of a run, in its order, kept. Throws `import-gap` when items before it have no result yet. */
  async run(caller: Caller, run: Run): Promise<ItemResult[]> {
    const next = await this.progress.nextIndex(run);
    if (run.firstIndex > next) throw gap(next);
    // Facts that nobody hears of yet are worth little: let the relay catch up before adding to its pile.
    while (this.backlog.isTooLong()) await pause(LOOK_AGAIN_MS);
    const results: ItemResult[] = [];
    for (const alike of stretchesOf(run.items))
      results.push(...(await this.runAlike(caller, run, alike, results.length)));
    await this.progress.keep(run, run.firstIndex, results);
    return results;
  }

  /** Commands of one kind touch each other only through their own aggregate, so others may run beside them. */
  private runAlike(caller: Caller, run: Run, items: readonly Item[], done: number): Promise<ItemResult[]> {
    const last = new Map<string, Promise<unknown>>();
    return Promise.all(
      items.map((item, i) => {
        const result = (last.get(aggregateOf(item)) ?? Promise.resolve()).then(() =>
          this.runItem(caller, run, item, run.firstIndex + BigInt(done + i)),
        );
        last.set(aggregateOf(item), result);
        return result;
      }),
    );
  }

  private async runItem(caller: Caller, run: Run, item: Item, index: bigint): Promise<ItemResult> {
    const { requestId, ...input } = item.input;
    const call = { requestId: requestId ?? `${run.importId}:${index.toString()}`, imported: true };
    try {
      const accepted = await this.dispatcher.dispatch(
        item.operation,
        { ...input, organisationId: run.organisationId },
        caller,
        call,
      );
      const { version, replayed } = accepted as { version: number; replayed: boolean };
      return { outcome: replayed ? 'replayed' : 'accepted', version };
    } catch (error) {
      // A refusal is a result. Anything else breaks the stream, and the client goes on at this run.
      if (!(error instanceof DomainError) || error.kind === 'unavailable') throw error;
      const { code, message } = problemOf(error);
      return { outcome: 'refused', version: 0, code, message };
    }
  }
}

const stretchesOf = (items: readonly Item[]): Item[][] => {
  const stretches: Item[][] = [];
  for (const item of items) {
    const current = stretches.at(-1);
    if (current?.[0]?.operation === item.operation) current.push(item);
    else stretches.push([item]);
  }
  return stretches;
};

// A team may be the parent of the next one, so teams run one after the other.
const aggregateOf = ({ input: { goalId, personId } }: Item): string => goalId ?? personId ?? 'teams';
