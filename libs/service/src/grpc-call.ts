import { type Metadata, ServerInterceptingCall, type ServerInterceptingCallInterface, status } from '@grpc/grpc-js';
import { type Answer, grpcErrorOf, withDetails } from './grpc-status';
import { Patience, withPatience } from './patience';
import { CallerGone, ofHttpStatus, type Problem, problemOf, TooSlow } from './problem';
import { inTrace, startTrace, type Trace, traceparentOf } from './trace';

/** One finished call. `code` is ok, cancelled, or a problem's code. */
export type FinishedCall = Readonly<{ rpc: string; code: string; seconds: number }>;

const DEFAULT_DEADLINE_MS = 10_000;
const MAX_DEADLINE_MS = 60_000;
const MAX_METADATA_BYTES = 8 * 1024;

// The same codes as over REST, and like every refusal of ours with their details.
const TOO_SLOW = problemOf(new TooSlow());
const TOO_LARGE: Problem = { ...ofHttpStatus(431), message: 'The metadata is too large.' };
const DRAINING: Problem = { ...ofHttpStatus(503), message: 'The service is stopping; go on elsewhere.' };

const sizeOf = (metadata: Metadata): number =>
  Object.entries(metadata.toHttp2Headers()).reduce((sum, [key, value]) => sum + key.length + String(value).length, 0);

const codeOf = ({ code, details }: Answer): string => {
  if (code === status.OK || code === undefined) return 'ok';
  return /^([a-z0-9-]+): /.exec(details ?? '')?.[1] ?? (status[code] ?? 'unknown').toLowerCase().replaceAll('_', '-');
};

type Kind = Readonly<{ rpc: string; isStream: boolean; ended: (call: FinishedCall) => void }>;

/** One call of a gRPC server, limited and traced, from its metadata to its status. */
export class GrpcCall {
  private trace: Trace = startTrace();
  private readonly began = performance.now();
  /** A stream's client waits for as long as it likes. */
  private readonly patience: Patience | undefined;
  private readonly timer: NodeJS.Timeout | undefined;
  private isOver = false;

  constructor(
    private readonly call: ServerInterceptingCallInterface,
    private readonly kind: Kind,
  ) {
    // Here and not in the interceptor's own place for it, which grpc-js passes by where it refuses a call itself.
    const send = call.sendStatus.bind(call);
    call.sendStatus = (answer) => {
      const detailed = withDetails(answer);
      if (detailed.code === status.DEADLINE_EXCEEDED) this.patience?.giveUp(new TooSlow());
      this.end(codeOf(detailed));
      send(detailed);
    };
    if (kind.isStream) return;
    const deadline = call.getDeadline();
    const limit = deadline === Infinity ? DEFAULT_DEADLINE_MS : MAX_DEADLINE_MS;
    this.patience = new Patience(Math.min(Number(deadline) - Date.now(), limit));
    this.timer = setTimeout(() => this.cut(TOO_SLOW), limit).unref();
  }

  /** What grpc-js goes on with. */
  intercepted(): ServerInterceptingCall {
    return new ServerInterceptingCall(this.call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            this.trace = startTrace(metadata.get('traceparent')[0]?.toString());
            if (sizeOf(metadata) > MAX_METADATA_BYTES) this.cut(TOO_LARGE);
            else this.within(() => pass(metadata));
          },
          onReceiveMessage: (message: unknown, pass) => this.within(() => pass(message)),
          onReceiveHalfClose: (pass) => this.within(pass),
          // grpc-js says so at the end of every call.
          onCancel: () => {
            if (!this.isOver) this.patience?.giveUp(new CallerGone());
            this.end('cancelled');
          },
        }),
      sendMetadata: (metadata, next) => {
        metadata.set('traceresponse', traceparentOf(this.trace));
        next(metadata);
      },
    });
  }

  /** Ends it as unavailable: a stream may last for hours, and its client knows how to go on. */
  drain(): void {
    this.cut(DRAINING);
  }

  private cut(problem: Problem): void {
    this.call.sendStatus(grpcErrorOf(problem));
  }

  private within<T>(work: () => T): T {
    return inTrace(this.trace, () => (this.patience ? withPatience(this.patience, work) : work()));
  }

  private end(code: string): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.timer);
    const { rpc, ended } = this.kind;
    inTrace(this.trace, () => ended({ rpc, code, seconds: (performance.now() - this.began) / 1000 }));
  }
}
