import type { AddressInfo } from 'node:net';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Clock } from '@oppi/event-sourcing';
import type { FastifyInstance } from 'fastify';
import { AccessTokens } from './access-token';
import { CallsAtOnce } from './calls-at-once';
import { SettableClock } from './clock';
import { clockDoor } from './clock-door';
import { isDevelopment, type ServiceConfig } from './config';
import { type Contract, loadServerContract } from './grpc-contract';
import { grpcDoor } from './grpc-door';
import { serverCredentials } from './grpc-tls';
import { GrpcTransport } from './grpc-transport';
import { httpDoor } from './http-door';
import { HTTP_OPTIONS, prepareHttp } from './http-server';
import { type Log, nestLog, openLog } from './log';
import { Metrics, type MetricsSource } from './metrics';
import { openApiDocument, type OpenApiMore } from './openapi';
import { type OperationType, specOf } from './operation';
import { type Platform, PlatformModule } from './platform.module';
import { requirePolicies } from './policy-check';
import { RateLimit, type Rates } from './rate-limit';
import { Readiness, type ReadinessCheck } from './readiness';
import { statusDoor } from './status-door';

export type ServiceOptions = Readonly<{
  /** Such as `goal`; the first part of every REST path. */
  name: string;
  /** Full name of the proto service, such as `goal.v1.GoalService`. */
  grpcService: string;
  /** Proto files below the proto folder. */
  protos: readonly string[];
  /** The proto folder; the nearest one upwards when absent. */
  protoRoot?: string;
  module: DynamicModule | Type;
  operations: readonly OperationType[];
  config: ServiceConfig;
  clock: Clock;
  /** What the service cannot work without, by name. */
  readiness?: Readonly<Record<string, ReadinessCheck>>;
  /** Figures of its parts; each is shown as `oppi_<figure>`. */
  metrics?: readonly MetricsSource[];
  /** Run one after the other when no request is left and before Nest's shutdown hooks: stop workers, then close pools. */
  drain?: readonly (() => Promise<void>)[];
  /** What the API's description says beside the operations. */
  openApi?: Pick<OpenApiMore, 'paths'>;
  log?: Log;
}>;

export type RunningService = Readonly<{
  name: string;
  httpPort: number;
  grpcPort: number;
  /** What its gRPC clients load. */
  contract: Contract;
  app: NestFastifyApplication;
  log: Log;
  /** Every REST route, as `METHOD /path/:field`. */
  routes(): string[];
  /** What it lacks to be ready; empty when it is. */
  ready(): Promise<string[]>;
  /** Drains and closes: says not ready, lets running requests finish, runs the drain hooks and Nest's. Once only. */
  stop(): Promise<void>;
}>;

const HEALTH_EVERY_MS = 2_000;
const USUAL_LIMITS = { people: 300, programs: 1_200, atOnce: 128 };

/** Starts a service on both wires. Rejects, with nothing left open, when it cannot. */
export const startService = async (options: ServiceOptions): Promise<RunningService> => {
  const { name, config } = options;
  const log = options.log ?? openLog(name, config.LOG_LEVEL);
  const metrics = new Metrics(name);
  const tokens = new AccessTokens(config, log);
  const limits = limitsOf(config);
  const rates = new RateLimit(limits);
  const dispatching = { checkOutput: isDevelopment(config.APP_ENV), atOnce: new CallsAtOnce(limits.atOnce), log };
  for (const source of options.metrics ?? []) metrics.expose(source);
  for (const part of [tokens, rates, dispatching.atOnce]) metrics.expose(() => part.metrics());

  const transport = makeTransport(options, metrics, log);
  metrics.expose(() => transport.metrics());
  const checks = { 'auth-keys': () => tokens.requireKeys(), ...options.readiness };
  const readiness = new Readiness(checks, (ready) => transport.serve(ready));
  const app = await createApp(options, { log, metrics, tokens, rates, dispatching, readiness });
  try {
    prepareHttp(serverOf(app), accessLine(options, metrics, log), () => readiness.isDraining());
    app.connectMicroservice({ strategy: transport }, { inheritAppConfig: true });
    await app.init();
    requirePolicies(app);
    // After init, so that no call arrives before the modules are ready.
    await app.startAllMicroservices();
    await app.listen(config.HTTP_PORT, config.HTTP_HOST);
  } catch (error) {
    await app.close().catch(() => undefined);
    throw error;
  }
  return running(options, { app, log, readiness, transport });
};

// Nest brings a Fastify of its own, whose types are others to the compiler though the interface is the same.
const serverOf = (app: NestFastifyApplication): FastifyInstance =>
  app.getHttpAdapter().getInstance() as unknown as FastifyInstance;

const contractOf = ({ grpcService, protos, protoRoot }: ServiceOptions): Contract => ({
  service: grpcService,
  protos,
  ...(protoRoot === undefined ? {} : { protoRoot }),
});

type Parts = Pick<Platform, 'log' | 'metrics' | 'tokens' | 'rates' | 'dispatching' | 'readiness'>;

// A developer's load and a test are no attack.
const limitsOf = (config: ServiceConfig): Rates & { atOnce: number } => {
  const usual = isDevelopment(config.APP_ENV) ? { people: 0, programs: 0, atOnce: 0 } : USUAL_LIMITS;
  return {
    people: config.RATE_PEOPLE_PER_MINUTE ?? usual.people,
    programs: config.RATE_PROGRAMS_PER_MINUTE ?? usual.programs,
    atOnce: config.RATE_CALLS_AT_ONCE ?? usual.atOnce,
  };
};

const createApp = (options: ServiceOptions, parts: Parts): Promise<NestFastifyApplication> => {
  const { name, config, clock, operations, openApi } = options;
  const settable = clock instanceof SettableClock && isDevelopment(config.APP_ENV);
  const prefix = `${name}/v1`;
  const doors = [
    httpDoor(prefix, operations),
    grpcDoor(loadServerContract(contractOf(options)), options.grpcService, operations),
    statusDoor(name, () => openApiDocument(name, operations, { ...openApi, clock: settable })),
    ...(settable ? [clockDoor(prefix)] : []),
  ];
  const module = PlatformModule.around({
    ...parts,
    clock,
    doors,
    service: options.module,
  });
  return NestFactory.create<NestFastifyApplication>(
    module,
    new FastifyAdapter(HTTP_OPTIONS as unknown as ConstructorParameters<typeof FastifyAdapter>[0]),
    {
      bodyParser: false,
      abortOnError: false,
      logger: nestLog(parts.log),
    },
  );
};

const makeTransport = (options: ServiceOptions, metrics: Metrics, log: Log): GrpcTransport =>
  new GrpcTransport({
    service: options.grpcService,
    definition: loadServerContract(contractOf(options)),
    host: options.config.GRPC_HOST,
    port: options.config.GRPC_PORT,
    credentials: serverCredentials(options.config),
    reflection: options.config.APP_ENV === 'local',
    finished: ({ rpc, code, seconds }) => {
      metrics.observe(rpc, 'grpc', code, seconds);
      log.info({ wire: 'grpc', operation: rpc, code, duration_ms: Math.round(seconds * 1000) }, 'request');
    },
  });

const accessLine = ({ name, operations }: ServiceOptions, metrics: Metrics, log: Log) => {
  const rpcs = new Map<string, string>(
    operations.map(specOf).map(({ method, path, rpc }) => [`${method} /${name}/v1${path}`, rpc] as const),
  );
  return ({ method, route, status, code, seconds }: Parameters<Parameters<typeof prepareHttp>[1]>[0]): void => {
    const operation = rpcs.get(`${method} ${route}`) ?? route;
    metrics.observe(operation, 'http', code, seconds);
    log.info({ wire: 'http', operation, method, status, code, duration_ms: Math.round(seconds * 1000) }, 'request');
  };
};

type Started = { app: NestFastifyApplication; log: Log; readiness: Readiness; transport: GrpcTransport };

const running = async (
  options: ServiceOptions,
  { app, log, readiness, transport }: Started,
): Promise<RunningService> => {
  await readiness.missing();
  const health = setInterval(() => void readiness.missing(), HEALTH_EVERY_MS).unref();
  const { port: httpPort } = app.getHttpServer().address() as AddressInfo;
  const grpcPort = transport.boundPort;
  log.info({ http_port: httpPort, grpc_port: grpcPort }, 'started');

  const drain = async (): Promise<void> => {
    clearInterval(health);
    readiness.drain();
    await Promise.all([serverOf(app).close(), transport.drain()]);
    for (const hook of options.drain ?? []) await hook();
    await app.close();
    log.info({}, 'stopped');
  };
  let stopped: Promise<void> | undefined;
  return {
    name: options.name,
    httpPort,
    grpcPort,
    contract: contractOf(options),
    app,
    log,
    routes: () => serverOf(app).knownRoutes.all(),
    ready: () => readiness.missing(),
    stop: () => (stopped ??= drain()),
  };
};
