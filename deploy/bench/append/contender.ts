/** Something that appends: `call` writes one event, durably, and resolves when it is. */
export type Contender = Readonly<{ name: string; call: (caller: number) => Promise<unknown> }>;

/** Callers at once, and the most connections any contender may use. */
export const CALLERS = 256;
export const CONNECTIONS = 32;
