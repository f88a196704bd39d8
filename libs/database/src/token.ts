/** Injection token of the service's own database, for queries: what nobody waits for any more ends there. */
export const DATABASE = Symbol('database');
/** Injection token of the same database, for the few operations that work for longer than a caller waits. */
export const WORK_DATABASE = Symbol('work database');
