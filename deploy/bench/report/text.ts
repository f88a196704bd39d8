import type { Summary } from '../measure/percentiles';

/** A rate as people read it: `13,200`. */
export const rate = (perSecond: number): string => Number(perSecond.toPrecision(3)).toLocaleString('en-US');

/** Milliseconds: two digits that count. */
export const ms = (milliseconds: number): string =>
  `${milliseconds >= 10 ? milliseconds.toFixed(0) : Number(milliseconds.toPrecision(2)).toString()} ms`;

/** A ratio with two digits that count. */
export const ratio = (value: number): string => value.toFixed(value >= 10 ? 0 : value >= 2 ? 1 : 2);

/** Columns of a summary, and its cells in the same order. */
export const SUMMARY_HEAD = ['', 'commands a second', 'p50', 'p95', 'p99'] as const;
export const summaryCells = ({ perSecond, p50, p95, p99 }: Summary): [string, string, string, string] => [
  rate(perSecond),
  ms(p50),
  ms(p95),
  ms(p99),
];
