/** What many measured times come to; milliseconds, and how many came a second. */
export type Summary = Readonly<{
  count: number;
  perSecond: number;
  p50: number;
  p95: number;
  p99: number;
  most: number;
}>;

/** The value that this share of the values does not exceed (nearest rank); `ascending` must be sorted and not empty. */
export const percentile = (ascending: ArrayLike<number>, share: number): number => {
  if (ascending.length === 0) throw new Error('Nothing was measured, so there is no percentile.');
  const rank = Math.max(1, Math.ceil(share * ascending.length));
  return ascending[rank - 1] as number;
};

/** Sums up times in milliseconds that were measured within `seconds`. */
export const summarise = (milliseconds: readonly number[], seconds: number): Summary => {
  const ascending = Float64Array.from(milliseconds).sort();
  return {
    count: ascending.length,
    perSecond: ascending.length / seconds,
    p50: percentile(ascending, 0.5),
    p95: percentile(ascending, 0.95),
    p99: percentile(ascending, 0.99),
    most: percentile(ascending, 1),
  };
};

/** The middle value; of an even number the lower of the two in the middle, so that it is always one that was measured. */
export const median = (values: readonly number[]): number =>
  percentile(
    [...values].sort((a, b) => a - b),
    0.5,
  );

/** The round whose rate is the median one, whole: rate and times that belong together. */
export const medianRound = (rounds: readonly Summary[]): Summary => {
  const middle = median(rounds.map(({ perSecond }) => perSecond));
  return rounds.find(({ perSecond }) => perSecond === middle) as Summary;
};
