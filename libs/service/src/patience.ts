import { AsyncLocalStorage } from 'node:async_hooks';
import { Waiting } from '@oppi/database';

const current = new AsyncLocalStorage<Patience>();

/** The caller of an operation, who waits for its answer until a moment, and no longer than they say so. */
export class Patience extends Waiting {
  private readonly until: number;

  constructor(milliseconds: number) {
    super();
    this.until = performance.now() + milliseconds;
  }

  get leftMs(): number {
    return this.until - performance.now();
  }
}

/** How long the caller of this code waits; undefined in streams and background work, which nobody waits for. */
export const currentPatience = (): Patience | undefined => current.getStore();

/** Runs `work`, and what it starts, for somebody who waits so long. */
export const withPatience = <T>(patience: Patience, work: () => T): T => current.run(patience, work);
