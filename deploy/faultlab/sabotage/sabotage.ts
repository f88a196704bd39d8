import type { Lab, Patch } from '../lab';

/** Something of the product that is switched off, the faults it guards against, and the checks that must notice. */
export type Sabotage = Readonly<{
  name: string;
  /** What is switched off, in words. */
  off: string;
  faults: readonly string[];
  mustBreak: readonly string[];
  patches?: readonly Patch[];
  tamper?: (lab: Lab) => Promise<void>;
}>;
