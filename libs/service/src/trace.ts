import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** One request or piece of background work, as W3C Trace Context names it. */
export type Trace = Readonly<{ traceId: string; spanId: string; flags: string }>;

const current = new AsyncLocalStorage<Trace>();
const FORMAT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})/;

/** A span of its own, in the caller's trace when that is well formed and in a new one otherwise. */
export const startTrace = (traceparent?: string): Trace => {
  const [, traceId, flags] = FORMAT.exec(traceparent ?? '') ?? [];
  return {
    traceId: traceId ?? randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    flags: flags ?? '00',
  };
};

export const traceparentOf = ({ traceId, spanId, flags }: Trace): string => `00-${traceId}-${spanId}-${flags}`;

/** The trace this code runs in, if any. */
export const currentTrace = (): Trace | undefined => current.getStore();

/** Runs `work`, and what it starts, inside a trace. */
export const inTrace = <T>(trace: Trace, work: () => T): T => current.run(trace, work);
