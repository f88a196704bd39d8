import { AsyncLocalStorage } from 'node:async_hooks';

const current = new AsyncLocalStorage<Patience>();

/** How long somebody waits for the answer to a call: until a moment, and no longer than they say so. */
export class Patience {
  private readonly controller = new AbortController();
  private readonly until: number;

  constructor(milliseconds: number) {
    this.until = performance.now() + milliseconds;
  }

  /** Aborted, with the reason, when nobody waits any more. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get leftMs(): number {
    return this.until - performance.now();
  }

  end(reason: Error): void {
    this.controller.abort(reason);
  }
}

/** How long the caller of this code waits; undefined in streams and background work, which nobody waits for. */
export const currentPatience = (): Patience | undefined => current.getStore();

/** Runs `work`, and what it starts, for somebody who waits so long. */
export const withPatience = <T>(patience: Patience, work: () => T): T => current.run(patience, work);
