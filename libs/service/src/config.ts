import { z } from 'zod';
import { clockProblems, issuerProblems, namesakeProblems, tlsProblems } from './config-problems';
import { instant } from './fields';
import { algorithms, moreIssuers } from './issuers';

const environment = z.enum(['local', 'test', 'staging', 'production']);
const port = z.coerce.number().int().min(0).max(65_535);

const postgresUrl = z.url({ protocol: /^postgres(ql)?$/ });

// Several hosts are no URL by the standard, so the address of a Kafka cluster is told by its shape; @oppi/messaging reads it.
const LOGIN = '[^:@/?]+:[^@/?]*@';
const BROKER = String.raw`(?:\[[0-9a-f:]+\]|[A-Za-z0-9.-]+):\d{1,5}`;
const OPTION = '(?:tls|ca|mechanism)=[^&]*';
const KAFKA_URL = new RegExp(`^kafka://(?:${LOGIN})?${BROKER}(?:,${BROKER})*/?(?:\\?${OPTION}(?:&${OPTION})*)?$`);

const isBusUrl = (url: string): boolean => KAFKA_URL.test(url) || postgresUrl.safeParse(url).success;

/** Where it runs. No default: a production that believes itself local would offer a settable clock. */
export const appEnv = { APP_ENV: environment };
export const http = { HTTP_HOST: z.string().default('127.0.0.1'), HTTP_PORT: port };
const file = z.string().min(1).optional();
/**
 * GRPC_TLS_CERT, GRPC_TLS_KEY and GRPC_TLS_CA are PEM files: what this service shows to its clients and to its neighbours,
 * and the authority that must have signed theirs. All three or none, in `local` and `test`; elsewhere `GRPC_TLS=off` says
 * that something in front of the service, such as a mesh, sees to that.
 */
const grpcTls = { GRPC_TLS: z.literal('off').optional(), GRPC_TLS_CERT: file, GRPC_TLS_KEY: file, GRPC_TLS_CA: file };
export const grpc = { GRPC_HOST: z.string().default('127.0.0.1'), GRPC_PORT: port, ...grpcTls };
/** POSTGRES_OWNER_URL is the same database for the role that owns the schema; optional in `local` and `test` alone. */
export const postgres = { POSTGRES_URL: postgresUrl, POSTGRES_OWNER_URL: postgresUrl.optional() };
export const bus = { BUS_URL: z.string().refine(isBusUrl, 'expected postgres://… or kafka://host:port,host:port…') };
export const auth = {
  AUTH_ISSUER: z.url({ protocol: /^https?$/ }),
  AUTH_JWKS_URL: z.url({ protocol: /^https?$/ }),
  AUTH_AUDIENCE: z.string().min(1),
  AUTH_ALGORITHMS: algorithms.optional(),
  AUTH_MORE_ISSUERS: moreIssuers.optional(),
};
export const logging = {
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
};
/** When the clock of a new database begins, so that a past time can be lived through. In `local` and `test` only. */
const clock = { CLOCK_STARTS_AT: instant.optional() };

/** Where a developer's conveniences are on offer, such as a clock that can be set. */
export const isDevelopment = (name: string | undefined): boolean => name === 'local' || name === 'test';

const limit = z.coerce.number().int().min(0).max(1_000_000).optional();

/** Limits per caller and per organisation; 0 is none. Absent: the usual ones, and none in `local` and `test`. */
const rate = {
  RATE_PEOPLE_PER_MINUTE: limit,
  RATE_PROGRAMS_PER_MINUTE: limit,
  RATE_CALLS_AT_ONCE: limit,
};

/** What `startService` needs; a service's schema is this and what it needs itself. */
export const serviceConfig = { ...appEnv, ...http, ...grpc, ...auth, ...logging, ...clock, ...rate };
export type ServiceConfig = z.output<z.ZodObject<typeof serviceConfig>>;

const KNOWN = new Set(Object.keys({ ...serviceConfig, ...postgres, ...bus }));
// A name with our prefix that nobody knows is most likely a misspelt optional setting, which would be ignored in silence.
// APP_ is not among them: too many other programs use it, and APP_ENV is required anyway.
const OUR_PREFIX = /^(HTTP|GRPC|POSTGRES|BUS|AUTH|LOG|CLOCK|RATE)_/;
// Proxies, grpc-js itself, the PostgreSQL image, and what Kubernetes and Docker set for each service.
const FOREIGN =
  /^(HTTP_PROXY|GRPC_(NODE_|EXPERIMENTAL_|TRACE|VERBOSITY|DEFAULT_SSL|SSL_CIPHER|DNS_RESOLVER).*|POSTGRES_(USER|PASSWORD|DB|INITDB_ARGS|HOST_AUTH_METHOD)(_FILE)?|.*_SERVICE_(HOST|PORT).*|.*_PORT_\d+_(TCP|UDP).*)$/;

type Env = Readonly<Record<string, string | undefined>>;

/** Every problem of a configuration, a line each; values are never repeated. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** The configuration in `env`. Throws a `ConfigError` that names every missing, unknown and invalid variable. */
export const parseConfig = <S extends z.ZodRawShape>(shape: S, env: Env): z.output<z.ZodObject<S>> => {
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => name in shape && value !== undefined && value !== ''),
  );
  const result = z.object(shape).safeParse(given);
  const problems = [
    ...(result.error?.issues ?? []).map(({ path: [name], message }) =>
      String(name) in given ? `${String(name)} is not valid: ${message}` : `${String(name)} is missing`,
    ),
    ...Object.keys(env)
      .filter((name) => OUR_PREFIX.test(name) && !(name in shape) && !KNOWN.has(name) && !FOREIGN.test(name))
      .map((name) => `${name} is not known`),
    ...(isDevelopment(given['APP_ENV']) ? [] : [...issuerProblems(given), ...clockProblems(given)]),
    ...namesakeProblems(given),
    ...('GRPC_PORT' in shape ? tlsProblems(given, isDevelopment(given['APP_ENV'])) : []),
  ];
  if (problems.length > 0 || !result.success) throw new ConfigError(problems);
  return result.data;
};

/** `EX_CONFIG` of sysexits.h. */
export const EXIT_CONFIG = 78;

/** The configuration of this process. Says what is wrong, a line each, and exits with 78 when something is. */
export const loadConfig = <S extends z.ZodRawShape>(shape: S, env: Env = process.env): z.output<z.ZodObject<S>> => {
  try {
    return parseConfig(shape, env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.problems.map((problem) => `configuration: ${problem}`).join('\n')}\n`);
    return process.exit(EXIT_CONFIG);
  }
};
