/** A table of the document; the first row of `rows` need not be the best. */
export type Table = Readonly<{ head: readonly string[]; rows: readonly (readonly string[])[] }>;

/** What was to be reached. `cause` says what stands in the way, for the case that it was missed. */
export type Aim = Readonly<{ aim: string; found: string; met: boolean; cause: string }>;

/** A picture: file name and SVG. */
export type Picture = Readonly<{ name: string; title: string; svg: string }>;

/** What one part of a run found. */
export type Chapter = Readonly<{
  title: string;
  /** How the figures were made, a sentence or two each. */
  how: readonly string[];
  tables: readonly Table[];
  aims: readonly Aim[];
  pictures?: readonly Picture[];
  /** Nothing was measured; `how` says why. */
  failed?: boolean;
}>;
