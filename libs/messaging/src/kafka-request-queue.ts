import { createRequire } from 'node:module';

/** As much of kafkajs' internal queue as is touched here. */
export type RequestQueue = {
  pending: readonly unknown[];
  throttledUntil: number;
  scheduleCheckPendingRequests: () => void;
};

let isCalm = false;

/**
 * kafkajs 2.2.4 looks at each connection's queue of requests every millisecond or so, for as long as the process lives, a
 * queue that is empty too (its issues 1751 and 1768). From now on it looks when something waits.
 */
export const calmRequestQueues = (): void => {
  if (isCalm) return;
  isCalm = true;
  const { prototype } = createRequire(__filename)('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this);
  };
};
