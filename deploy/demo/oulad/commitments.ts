import type { Registration } from './data-set';

/** What the provider agreed for every presentation, in the client's currency. */
export const terms = { currency: 'EUR', priceMinor: 4_990, vatRateBasisPoints: 2_550 } as const;

/** How many of the goals of a presentation must be attained: half of them, rounded up. */
export const thresholdOf = (promised: readonly Registration[]): number => Math.ceil(promised.length / 2);
