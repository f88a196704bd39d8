import { type Decider, fold } from './decider';
import { DomainError } from './domain-error';
import type { Event } from './event';

/** The given / when / then words for one decider. */
export const specFor = <S, E extends Event>(decider: Decider<S, E>) => ({
  given: (...past: E[]) => ({
    when: (decide: (state: S) => readonly E[]) => ({
      /** The decision made exactly these events. */
      then: (...expected: E[]): void => {
        expect(decide(fold(decider, past))).toEqual(expected);
      },
      thenNothing: (): void => {
        expect(decide(fold(decider, past))).toEqual([]);
      },
      thenRefused: (code: string): void => {
        const refusal = refusalOf(() => decide(fold(decider, past)));
        expect(refusal?.code).toBe(code);
      },
    }),
    thenState: (check: (state: S) => void): void => {
      check(fold(decider, past));
    },
  }),
});

const refusalOf = (attempt: () => unknown): DomainError | undefined => {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
};
