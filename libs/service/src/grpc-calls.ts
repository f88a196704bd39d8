import { type Metadata, ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js';
import { grpcErrorOf } from './grpc-status';
import { ofHttpStatus, type Problem, problemOf, TooSlow } from './problem';
import { inTrace, startTrace, traceparentOf } from './trace';

/** One finished call. `code` is ok, a problem's code, or the status' name where grpc-js itself answered. */
export type FinishedCall = Readonly<{ rpc: string; code: string; seconds: number }>;

const DEFAULT_DEADLINE_MS = 10_000;
const MAX_DEADLINE_MS = 60_000;
const MAX_METADATA_BYTES = 8 * 1024;
// Health and reflection: watched for as long as a client likes, and no work of ours.
const INFRASTRUCTURE = /^\/grpc\.(health|reflection)\./;

// The same codes as over REST, and like every refusal of ours with their details.
const TOO_SLOW = problemOf(new TooSlow());
const TOO_LARGE: Problem = { ...ofHttpStatus(431), message: 'The metadata is too large.' };
const DRAINING: Problem = { ...ofHttpStatus(503), message: 'The service is stopping; go on elsewhere.' };

const sizeOf = (metadata: Metadata): number =>
  Object.entries(metadata.toHttp2Headers()).reduce((sum, [key, value]) => sum + key.length + String(value).length, 0);

const codeOf = (code: status, details: string): string => {
  if (code === status.OK) return 'ok';
  return /^([a-z0-9-]+): /.exec(details)?.[1] ?? (status[code] ?? 'unknown').toLowerCase().replaceAll('_', '-');
};

/** Counts, limits and traces the calls of a gRPC server. */
export class GrpcCalls {
  private inFlight = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly streams = new Set<() => void>();

  constructor(private readonly finished: (call: FinishedCall) => void) {}

  /** Ends the streams that are open, as unavailable: they may last for hours, and their clients know how to go on. */
  cutStreams(): void {
    for (const cut of this.streams) cut();
  }

  /** Resolves when no call is running. */
  idle(): Promise<void> {
    if (this.inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  readonly interceptor: ServerInterceptor = (method, call) => {
    if (INFRASTRUCTURE.test(method.path)) return new ServerInterceptingCall(call);
    let trace = startTrace();
    const ended = this.begin(method.path.split('/')[2] ?? '', () => trace);
    const end = (code: string): void => {
      this.streams.delete(cutStream);
      ended(code);
    };
    const cut = (problem: Problem): void => {
      end(problem.code);
      call.sendStatus(grpcErrorOf(problem));
    };
    const cutStream = (): void => cut(DRAINING);
    const unary = !method.requestStream && !method.responseStream;
    if (!unary) this.streams.add(cutStream);
    const limit = call.getDeadline() === Infinity ? DEFAULT_DEADLINE_MS : MAX_DEADLINE_MS;
    const timer = unary ? setTimeout(() => cut(TOO_SLOW), limit) : undefined;
    timer?.unref();
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            trace = startTrace(metadata.get('traceparent')[0]?.toString());
            if (sizeOf(metadata) > MAX_METADATA_BYTES) cut(TOO_LARGE);
            else inTrace(trace, () => pass(metadata));
          },
          onReceiveMessage: (message: unknown, pass) => inTrace(trace, () => pass(message)),
          onReceiveHalfClose: (pass) => inTrace(trace, pass),
          onCancel: () => {
            clearTimeout(timer);
            end('cancelled');
          },
        }),
      sendMetadata: (metadata, next) => {
        metadata.set('traceresponse', traceparentOf(trace));
        next(metadata);
      },
      sendStatus: (answer, next) => {
        clearTimeout(timer);
        end(codeOf(answer.code, answer.details));
        next(answer);
      },
    });
  };

  private begin(rpc: string, traceNow: () => ReturnType<typeof startTrace>): (code: string) => void {
    const began = performance.now();
    let ended = false;
    this.inFlight += 1;
    return (code) => {
      if (ended) return;
      ended = true;
      this.inFlight -= 1;
      inTrace(traceNow(), () => this.finished({ rpc, code, seconds: (performance.now() - began) / 1000 }));
      if (this.inFlight === 0) this.waiting.splice(0).forEach((resolve) => resolve());
    };
  }
}
