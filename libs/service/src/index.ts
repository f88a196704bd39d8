export {
  command,
  query,
  Operation,
  specOf,
  type InputOf,
  type OperationOptions,
  type OperationType,
  type OutputOf,
} from './operation';
export {
  accepted,
  code,
  instant,
  localDate,
  organisationId,
  pageCursor,
  pageLimit,
  prose,
  text,
  uuid,
  version,
  type Accepted,
} from './fields';
export {
  CLIENT_ROLES,
  PROVIDER_ROLES,
  readerOf,
  requireOwnOrganisation,
  ROLES,
  type Caller,
  type Role,
} from './caller';
export { Dispatcher, type CallDetails } from './dispatcher';
export { canonicalJson, fingerprintOf } from './canonical-json';
export { parse } from './parse';
export { cursorOf, keyOf } from './page-cursor';
export { loadContract, shaperOf } from './grpc-contract';
export { problemOf, TooSlow, WIRE, type Problem, type ProblemKind } from './problem';
export { grpcErrorOf } from './grpc-status';
export { neighbourCredentials } from './grpc-tls';
export { Patience, withPatience } from './patience';
export { Allow, Public } from './policy';
export { callerOf, CurrentCaller } from './auth-guard';
export { CLOCK, openClock, SettableClock, SystemClock } from './clock';
export { clockMigrations } from './clock-migrations';
export {
  appEnv,
  auth,
  bus,
  ConfigError,
  EXIT_CONFIG,
  grpc,
  http,
  loadConfig,
  logging,
  parseConfig,
  postgres,
  serviceConfig,
  type ServiceConfig,
} from './config';
export { LOG, openLog, type Log } from './log';
export { Metrics, type MetricsSource } from './metrics';
export { Neighbour, NEIGHBOUR_CHANNEL, type Question } from './neighbour';
export { currentTrace, inTrace, startTrace, traceparentOf, type Trace } from './trace';
export { openApiDocument, type OpenApiMore } from './openapi';
export { runService } from './run';
export { startService, type RunningService, type ServiceOptions } from './start';
