import { AsyncLocalStorage } from 'node:async_hooks';

// Beside the caller and not part of it: a caller is logged, compared and handed to handlers, a token never is.
const current = new AsyncLocalStorage<string>();

/** The caller's own authorization, for a question to another service; undefined in background work. */
export const currentAuthorization = (): string | undefined => current.getStore();

/** Runs `work`, and what it starts, with the caller's authorization at hand. */
export const withAuthorization = <T>(authorization: string | undefined, work: () => T): T =>
  authorization === undefined ? work() : current.run(authorization, work);
