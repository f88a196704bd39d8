/** A rate as people read it: `13,200`. */
export const rate = (perSecond: number): string => Number(perSecond.toPrecision(3)).toLocaleString('en-US');

/** Milliseconds: two digits that count. */
export const ms = (milliseconds: number): string =>
  `${milliseconds >= 10 ? milliseconds.toFixed(0) : Number(milliseconds.toPrecision(2)).toString()} ms`;

/** A ratio with two digits that count. */
export const ratio = (value: number): string => value.toFixed(value >= 10 ? 0 : value >= 2 ? 1 : 2);
