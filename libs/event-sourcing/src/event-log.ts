import type { Recorded } from './event';

/** An ordered log of a service's own events, as the relay and the projections read it. */
export interface EventLog {
  /** The events after a position, in order, at most `limit`. Never skips one that commits later. */
  readAfter(position: bigint, limit: number): Promise<Recorded[]>;
  /** The position of the last event; 0 when there is none. */
  head(): Promise<bigint>;
}
