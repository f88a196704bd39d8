import type { Facts } from '../facts';

/** Something that must hold whatever happened. `check` answers what breaks it, each in a line; nothing when it holds. */
export type Invariant = Readonly<{ id: string; title: string; check: (facts: Facts) => readonly string[] }>;

/** Groups by a text. */
export const groupBy = <T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
};
