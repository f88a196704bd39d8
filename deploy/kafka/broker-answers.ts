import { openBus } from '@oppi/messaging';
import { setTimeout as sleep } from 'node:timers/promises';

const START_LIMIT_MS = 120_000;

/**
 * Asks until a client would be answered: a port that listens is not enough. Rejects with what was wrong last when `isOver`
 * says that it cannot come to that any more, or the limit is reached.
 */
export const untilItAnswers = async (
  url: string,
  isOver: () => boolean = () => false,
  limitMs = START_LIMIT_MS,
): Promise<void> => {
  const bus = openBus({ url, onError: () => undefined });
  let isLate = false;
  let last = 'no answer';
  const limit = sleep(limitMs, undefined, { ref: false }).then(() => (isLate = true));
  const ask = async (): Promise<boolean> => {
    try {
      await bus.identity();
      return true;
    } catch (error) {
      last = (error as Error).message;
      return false;
    }
  };
  try {
    for (;;) {
      const isThere = await Promise.race([ask(), limit.then(() => false)]);
      if (isThere) return;
      if (isLate || isOver()) throw new Error(`Kafka does not answer: ${last}`);
      await sleep(100);
    }
  } finally {
    await bus.close();
  }
};
