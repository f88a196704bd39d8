import { AsyncLocalStorage } from 'node:async_hooks';
import type { Canceller, Statement } from './canceller';

/** Somebody who waits for reads, until they give up. */
export class Waiting {
  /** Why they gave up, if they did. */
  reason: Error | undefined;
  private readonly running = new Map<Statement, Canceller>();

  /** Ends what runs for them, and lets nothing begin. */
  giveUp(reason: Error): void {
    if (this.reason) return;
    this.reason = reason;
    for (const [statement, canceller] of this.running) canceller.cancel(statement);
  }

  begin(statement: Statement, canceller: Canceller): void {
    if (this.reason) throw this.reason;
    this.running.set(statement, canceller);
  }

  ended(statement: Statement): void {
    this.running.delete(statement);
  }
}

const current = new AsyncLocalStorage<Waiting>();

/** Who waits for the reads of this code, where somebody does who may give up. */
export const currentWaiting = (): Waiting | undefined => current.getStore();

/** Runs `work`, which only reads, for somebody who may stop waiting: then its `Reads` end, with the reason given. */
export const whileWaitedFor = <T>(waiting: Waiting, work: () => T): T => current.run(waiting, work);
