import { setTimeout as sleep } from 'node:timers/promises';

/** What was seen, whether nothing is lacking, and what tells one look from another. */
export type Look<T> = Readonly<{ seen: T; complete: boolean; state: string }>;

/** Looks again and again until nothing is lacking, or nothing has moved for `patience` milliseconds. Gives the last look. */
export const settled = async <T>(look: () => Promise<Look<T>>, patience: number): Promise<Look<T>> => {
  let state: string | undefined;
  let moved = Date.now();
  for (;;) {
    const now = await look();
    if (now.state !== state) moved = Date.now();
    state = now.state;
    if (now.complete || Date.now() - moved > patience) return now;
    await sleep(500);
  }
};
