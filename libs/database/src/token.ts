/** Injection token of the service's own database, for queries. */
export const DATABASE = Symbol('database');
