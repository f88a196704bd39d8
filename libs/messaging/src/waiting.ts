/** Lets one loop sleep until something happens or time passes. A ring while nobody sleeps is remembered. */
export class Bell {
  private rung = false;
  private wake: (() => void) | undefined;

  ring(): void {
    this.rung = true;
    this.wake?.();
  }

  /** Resolves when the bell rings, the time is over or the signal is aborted; never rejects. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        this.wake = undefined;
        this.rung = false;
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      signal.addEventListener('abort', end);
      this.wake = end;
      if (this.rung || signal.aborted) end();
    });
  }
}

/** Sleeps until the time is over or the signal is aborted; never rejects. */
export const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Bell().wait(milliseconds, signal);

/**
 * What `work` comes to. Once the signal is aborted it has `graceMs` left; then this rejects, and what becomes of the work is
 * nobody's concern any more.
 */
export const unlessAborted = <T>(work: Promise<T>, signal: AbortSignal, graceMs = 0): Promise<T> =>
  new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const giveUp = (): void => reject(new Error('Given up: it was told to stop, and no answer came.'));
    const abort = (): void => {
      if (graceMs > 0) timer = setTimeout(giveUp, graceMs);
      else giveUp();
    };
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
    void work.then(resolve, reject).finally(settle);
  });

const FIRST_MS = 50;
const LONGEST_MS = 5_000;

/** Pauses between attempts: doubling from 50 ms to 5 s, half of it by chance so that processes do not march in step. */
export class Backoff {
  private attempts = 0;

  next(): number {
    const full = Math.min(FIRST_MS * 2 ** this.attempts, LONGEST_MS);
    this.attempts += 1;
    return full / 2 + (Math.random() * full) / 2;
  }

  reset(): void {
    this.attempts = 0;
  }
}

/** What was thrown, as an error. */
export const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
