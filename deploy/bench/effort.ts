/** How long and how large the parts of a run are. */
export type Effort = Readonly<{
  name: 'whole' | 'quick' | 'smoke';
  /** Rounds of each contender, taken in turns; the round with the median rate is shown. */
  rounds: number;
  /** Measured length of one round. */
  seconds: number;
  warmUpSeconds: number;
}>;

/** `whole` is what is published; `smoke` only shows that everything works. */
export const EFFORTS: Readonly<Record<Effort['name'], Effort>> = {
  whole: { name: 'whole', rounds: 3, seconds: 5, warmUpSeconds: 2 },
  quick: { name: 'quick', rounds: 1, seconds: 3, warmUpSeconds: 1 },
  smoke: { name: 'smoke', rounds: 1, seconds: 0.2, warmUpSeconds: 0 },
};
