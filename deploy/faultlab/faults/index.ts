import { busFaults } from './bus-faults';
import { clockFaults } from './clock-faults';
import type { Fault } from './fault';
import { processFaults } from './process-faults';
import { wireFaults } from './wire-faults';

export type { Fault } from './fault';

/** Every fault there is. */
export const FAULTS: readonly Fault[] = [...processFaults, ...wireFaults, ...busFaults, ...clockFaults];

/** The faults of these names; all when none is named. Throws for a name that there is not. */
export const faultsNamed = (names: readonly string[]): readonly Fault[] => {
  const unknown = names.find((name) => !FAULTS.some((fault) => fault.name === name));
  if (unknown !== undefined)
    throw new Error(`There is no fault ${unknown}. There are: ${FAULTS.map(({ name }) => name).join(', ')}.`);
  return names.length === 0 ? FAULTS : FAULTS.filter(({ name }) => names.includes(name));
};
