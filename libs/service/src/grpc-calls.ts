import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import { type FinishedCall, GrpcCall } from './grpc-call';

// Health and reflection: watched for as long as a client likes, and no work of ours.
const INFRASTRUCTURE = /^\/grpc\.(health|reflection)\./;

/** The calls that a gRPC server is at. */
export class GrpcCalls {
  private inFlight = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly streams = new Set<GrpcCall>();

  constructor(private readonly finished: (call: FinishedCall) => void) {}

  /** Ends the streams that are open. */
  cutStreams(): void {
    for (const stream of this.streams) stream.drain();
  }

  /** Resolves when no call is running. */
  idle(): Promise<void> {
    if (this.inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  readonly interceptor: ServerInterceptor = ({ path, requestStream, responseStream }, call) => {
    if (INFRASTRUCTURE.test(path)) return new ServerInterceptingCall(call);
    const isStream = requestStream || responseStream;
    const made: GrpcCall = new GrpcCall(call, {
      rpc: path.split('/')[2] ?? '',
      isStream,
      ended: (finished) => {
        this.streams.delete(made);
        this.finished(finished);
        this.inFlight -= 1;
        if (this.inFlight === 0) this.waiting.splice(0).forEach((resolve) => resolve());
      },
    });
    this.inFlight += 1;
    if (isStream) this.streams.add(made);
    return made.intercepted();
  };
}
