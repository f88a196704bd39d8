import type { Event } from './event';

/** How the events of one aggregate make its state. Decisions are plain functions `(state, …) => events` beside it. */
export type Decider<S, E extends Event> = Readonly<{
  initial: S;
  evolve: (state: S, event: E) => S;
}>;

/** The state after these events. */
export const fold = <S, E extends Event>(decider: Decider<S, E>, events: readonly E[]): S =>
  events.reduce(decider.evolve, decider.initial);
