import type { Lab } from '../lab';
import type { Random } from '../random';

/** Something bad that is done to the product while it works. */
export type Fault = Readonly<{
  name: string;
  /** In words for the table. */
  title: string;
  /** Does it and, where it lasts, undoes it. Answers what was done. Everything drawn comes from `random`. */
  inject: (lab: Lab, random: Random) => Promise<string>;
  /** Why it cannot be done here; undefined when it can. */
  obstacle?: (lab: Lab) => string | undefined;
}>;
