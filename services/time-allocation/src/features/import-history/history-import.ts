import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DomainError } from '@oppi/event-sourcing';
import { type Caller, Dispatcher, type OperationType, problemOf } from '@oppi/service';
import { gap, ImportProgress, type ItemResult } from './import-progress';

/** One command of a run: the operation and its input as the client sent it. */
export type Item = Readonly<{ operation: OperationType; input: Record<string, unknown> & { requestId?: string } }>;
export type Run = Readonly<{ organisationId: string; importId: string; firstIndex: bigint; items: readonly Item[] }>;
type RunUnderWay = Run & Readonly<{ giveUp: AbortSignal }>;

const LOOK_AGAIN_MS = 20;

const ASK_AGAIN_MS = 200;

/** Injected, so that an import need not know the relay and the configuration. */
export abstract class ImportLimits {
  /** Whether so many facts wait to be published that imports should wait too. */
  abstract backlogIsTooLong(): boolean;
  /** How long a run waits for what its items name and goal has not told yet; the client may send it again afterwards. */
  abstract readonly mostWaitMs: number;
}

/** Runs imported commands as if they had been sent one by one, only faster. */
@Injectable()
export class HistoryImport {
  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly progress: ImportProgress,
    private readonly limits: ImportLimits,
  ) {}

  /** The results of a run, in its order, kept. Throws `import-gap` when items before it have no result yet. */
  async run(caller: Caller, run: Run): Promise<ItemResult[]> {
    const next = await this.progress.nextIndex(run);
    if (run.firstIndex > next) throw gap(next);
    // Facts that nobody hears of yet are worth little: let the relay catch up before adding to its pile.
    while (this.limits.backlogIsTooLong()) await pause(LOOK_AGAIN_MS);
    const giveUp = AbortSignal.timeout(this.limits.mostWaitMs);
    const results: ItemResult[] = [];
    for (const alike of stretchesOf(run.items))
      results.push(...(await this.runAlike(caller, { ...run, giveUp }, alike, results.length)));
    await this.progress.keep(run, run.firstIndex, results);
    return results;
  }

  /** Commands of one kind touch each other only through their own aggregate, so others may run beside them. */
  private runAlike(caller: Caller, run: RunUnderWay, items: readonly Item[], done: number): Promise<ItemResult[]> {
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

  private async runItem(caller: Caller, run: RunUnderWay, item: Item, index: bigint): Promise<ItemResult> {
    const { requestId, ...input } = item.input;
    const call = { requestId: requestId ?? `${run.importId}:${index.toString()}`, imported: true };
    try {
      const accepted = await onceKnown(run.giveUp, () =>
        this.dispatcher.dispatch(item.operation, { ...input, organisationId: run.organisationId }, caller, call),
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

/** Tries until goal has told what the command names, or the time is up: history may arrive before the facts it rests on. */
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

const aggregateOf = ({ input }: Item): string => String(input['personId'] ?? input['goalId']);
