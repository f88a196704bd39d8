/** How long and how large the parts of a run are. */
export type Effort = Readonly<{
  name: 'whole' | 'quick' | 'smoke';
  /** Rounds of each contender, taken in turns; the round with the median rate is shown. */
  rounds: number;
  /** Measured length of one round. */
  seconds: number;
  warmUpSeconds: number;
  /** How long the way from command to figure is watched. */
  visibleSeconds: number;
  /** How long a started product is left alone, and then watched doing nothing. */
  settleSeconds: number;
  idleSeconds: number;
  /** Events of one organisation that are sent through the product; a multiple of 10,000. */
  flowEvents: number;
  /** Sizes of the log, in events, at which its cost is measured; multiples of 10,000. */
  sizes: readonly number[];
  /** Loads of one stream, and figures of one organisation, that are timed. */
  loads: number;
}>;

/** `whole` is what is published; `smoke` only shows that everything works. */
export const EFFORTS: Readonly<Record<Effort['name'], Effort>> = {
  whole: {
    name: 'whole',
    rounds: 3,
    seconds: 4,
    warmUpSeconds: 1,
    visibleSeconds: 15,
    settleSeconds: 5,
    idleSeconds: 15,
    flowEvents: 60_000,
    sizes: [100_000, 1_000_000],
    loads: 500,
  },
  quick: {
    name: 'quick',
    rounds: 1,
    seconds: 3,
    warmUpSeconds: 1,
    visibleSeconds: 8,
    settleSeconds: 5,
    idleSeconds: 10,
    flowEvents: 20_000,
    sizes: [100_000],
    loads: 300,
  },
  smoke: {
    name: 'smoke',
    rounds: 1,
    seconds: 0.3,
    warmUpSeconds: 0,
    visibleSeconds: 1,
    settleSeconds: 0,
    idleSeconds: 1,
    flowEvents: 10_000,
    sizes: [10_000],
    loads: 5,
  },
};
