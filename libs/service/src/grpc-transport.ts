import type { Readable } from 'node:stream';
import { logVerbosity, Server, type ServerCredentials, setLogVerbosity } from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { ServerGrpc } from '@nestjs/microservices';
import { HealthImplementation } from 'grpc-health-check';
import type { FinishedCall } from './grpc-call';
import { GrpcCalls } from './grpc-calls';
import { GrpcConnections } from './grpc-connections';

export type GrpcSetup = Readonly<{
  service: string;
  definition: PackageDefinition;
  host: string;
  port: number;
  credentials: ServerCredentials;
  reflection: boolean;
  finished: (call: FinishedCall) => void;
}>;

// grpc-js writes headers it cannot read to the console as they came: tokens, and lines that are not of our log.
setLogVerbosity(logVerbosity.NONE);

const MINUTE_MS = 60_000;
// After the last call has its answer: time for its bytes to leave before connections that health watchers hold are cut.
const FLUSH_MS = 500;

const LIMITS = {
  'grpc.max_receive_message_length': 1024 * 1024,
  'grpc.max_send_message_length': 4 * 1024 * 1024,
  'grpc.max_concurrent_streams': 100,
  'grpc.max_connection_idle_ms': 15 * MINUTE_MS,
  'grpc.max_connection_age_ms': 30 * MINUTE_MS,
  'grpc.max_connection_age_grace_ms': MINUTE_MS / 2,
  'grpc.keepalive_time_ms': MINUTE_MS,
  'grpc-node.max_session_memory': 10, // MB per connection
};

type RequestStreamArguments = Parameters<ServerGrpc['createRequestStreamMethod']>;
type RequestStreamMethod = ReturnType<ServerGrpc['createRequestStreamMethod']>;
type StreamCallArguments = Parameters<ServerGrpc['createStreamCallMethod']>;
type StreamCallMethod = ReturnType<ServerGrpc['createStreamCallMethod']>;

/** Nest's gRPC transport with our limits and health, that binds once its services are there and drains. */
export class GrpcTransport extends ServerGrpc {
  /** The port it listens on; 0 until it does. */
  boundPort = 0;
  private readonly health: HealthImplementation;
  private readonly calls: GrpcCalls;
  private readonly connections = new GrpcConnections();
  private server: Server | undefined;

  constructor(private readonly setup: GrpcSetup) {
    const { service, definition, host, port } = setup;
    super({
      package: service.split('.').slice(0, -1).join('.'),
      packageDefinition: definition,
      url: `${host}:${port}`,
    });
    this.health = new HealthImplementation({ '': 'NOT_SERVING', [service]: 'NOT_SERVING' });
    this.calls = new GrpcCalls(setup.finished);
  }

  /** What `grpc.health.v1.Health` says from now on. */
  serve(ready: boolean): void {
    for (const name of ['', this.setup.service]) this.health.setStatus(name, ready ? 'SERVING' : 'NOT_SERVING');
  }

  // Nest binds the port here already, before there are services to answer.
  override createClient(): Promise<Server> {
    this.server = new Server({ ...LIMITS, interceptors: [this.calls.interceptor] });
    return Promise.resolve(this.server);
  }

  override async start(callback?: () => void): Promise<void> {
    await this.bindEvents();
    const server = this.running();
    this.health.addToServer(server);
    if (this.setup.reflection) new ReflectionService(this.setup.definition).addToServer(server);
    this.boundPort = await new Promise<number>((resolve, reject) => {
      server.bindAsync(this.url, this.setup.credentials, (error, port) => (error ? reject(error) : resolve(port)));
    });
    this.connections.watch(server);
    callback?.();
  }

  metrics(): Record<string, number> {
    return this.connections.metrics();
  }

  // Nest keeps messages that come while the caller's token is checked, and may hand later ones out before them. Here none is
  // read from the wire until the handler listens.
  override createRequestStreamMethod(...[handler, answersInStream]: RequestStreamArguments): RequestStreamMethod {
    const listen = async (...args: readonly unknown[]): Promise<unknown> => {
      const answers: unknown = await Reflect.apply(handler, undefined, args);
      const [, , call] = args as [unknown, unknown, Readable];
      setImmediate(() => call.resume());
      return answers;
    };
    const handle = super.createRequestStreamMethod(listen, answersInStream);
    return (call, callback) => {
      (call as unknown as Readable).pause();
      return handle(call, callback);
    };
  }

  // Nest lets a refusal of a raw stream, such as one without a token, become an unhandled rejection: the end of the process.
  override createStreamCallMethod(...[handler, answersInStream]: StreamCallArguments): StreamCallMethod {
    const handle = super.createStreamCallMethod(handler, answersInStream);
    return async (call, callback) => {
      try {
        await handle(call, callback);
      } catch (error) {
        if (answersInStream) Reflect.apply(call.emit, call, ['error', error]);
        else callback(error, undefined);
      }
    };
  }

  /** Takes no new connection or call, and resolves when those that run have their answer. */
  async drain(): Promise<void> {
    const server = this.running();
    const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
    this.calls.cutStreams();
    await this.calls.idle();
    let timer: NodeJS.Timeout | undefined;
    const flushed = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FLUSH_MS);
    });
    await Promise.race([closed, flushed]);
    clearTimeout(timer);
    server.forceShutdown();
  }

  private running(): Server {
    if (!this.server) throw new Error('The gRPC server has not been made yet.');
    return this.server;
  }
}
