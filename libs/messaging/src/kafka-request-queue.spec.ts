import { createRequire } from 'node:module';
import { calmRequestQueues, type RequestQueue } from './kafka-request-queue';

const { prototype } = createRequire(__filename)('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };

describe('the queues of requests in kafkajs', () => {
  const timersOf = (queue: Pick<RequestQueue, 'pending' | 'throttledUntil'>): number => {
    jest.useFakeTimers();
    const real: RequestQueue = Object.assign(Object.create(prototype) as RequestQueue, queue);
    real.scheduleCheckPendingRequests();
    const count = jest.getTimerCount();
    jest.useRealTimers();
    return count;
  };

  it('set no timer while nothing waits, and one when something does', () => {
    const idle = { pending: [], throttledUntil: -1 };
    expect(timersOf(idle)).toBe(1); // as kafkajs has it; when this fails it was mended and the guard can go
    calmRequestQueues();
    calmRequestQueues();
    expect([timersOf(idle), timersOf({ pending: [{}], throttledUntil: -1 })]).toEqual([0, 1]);
  });
});
