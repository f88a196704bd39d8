import { HttpException } from '@nestjs/common';
import { status } from '@grpc/grpc-js';
import { DomainError, type ErrorKind, StaleVersion, type Violation } from '@oppi/event-sourcing';
import { rateHeaders, RateLimited } from './rate-limit';

export type ProblemKind = ErrorKind | 'too-slow' | 'internal';

/** What a caller is told of a failure; the same over both wires. */
export type Problem = Readonly<{
  kind: ProblemKind;
  /** Public and stable. */
  code: string;
  message: string;
  violations: readonly Violation[];
  /** The HTTP status where it is finer than the kind's, such as 415. */
  httpStatus?: number;
  /** When to try again, where that is known better than the kind says. */
  retryAfterSeconds?: number;
  /** Further headers over REST, such as `allow`. */
  headers?: Readonly<Record<string, string>>;
  /** The limit that was passed, for those who plan by it. */
  quota?: string;
}>;

/** The one error table. `title` names the kind; a problem's message says what happened. */
export const WIRE: Readonly<
  Record<ProblemKind, { http: number; grpc: status; title: string; retryAfterSeconds?: number }>
> = {
  invalid: { http: 400, grpc: status.INVALID_ARGUMENT, title: 'The request is not valid' },
  unauthenticated: { http: 401, grpc: status.UNAUTHENTICATED, title: 'The caller is not known' },
  forbidden: { http: 403, grpc: status.PERMISSION_DENIED, title: 'The caller may not do this' },
  'not-found': { http: 404, grpc: status.NOT_FOUND, title: 'There is no such thing' },
  conflict: { http: 409, grpc: status.ALREADY_EXISTS, title: 'It is there already' },
  'unknown-yet': { http: 409, grpc: status.ABORTED, title: 'Not known here yet', retryAfterSeconds: 1 },
  stale: { http: 412, grpc: status.ABORTED, title: 'It has changed since' },
  'version-required': { http: 428, grpc: status.FAILED_PRECONDITION, title: 'A version is required' },
  refused: { http: 422, grpc: status.FAILED_PRECONDITION, title: 'A rule refuses it' },
  'too-large': { http: 413, grpc: status.RESOURCE_EXHAUSTED, title: 'The request is too large' },
  'too-many': {
    http: 429,
    grpc: status.RESOURCE_EXHAUSTED,
    title: 'There are too many requests',
    retryAfterSeconds: 1,
  },
  'too-slow': { http: 504, grpc: status.DEADLINE_EXCEEDED, title: 'It took too long' },
  unavailable: { http: 503, grpc: status.UNAVAILABLE, title: 'The service cannot answer now', retryAfterSeconds: 1 },
  internal: { http: 500, grpc: status.INTERNAL, title: 'Something went wrong here' },
};

const INTERNAL: Problem = {
  kind: 'internal',
  code: 'internal',
  message: 'Something went wrong here. The trace id finds it in our log.',
  violations: [],
};

const unavailable = (code: string, message: string): Problem => ({
  kind: 'unavailable',
  code,
  message,
  violations: [],
});

const refusalOf = ({ kind, code, message, violations }: DomainError): Problem => ({ kind, code, message, violations });

const limitOf = ({ standing, message }: RateLimited): Partial<Problem> => ({
  retryAfterSeconds: standing.waitSeconds,
  headers: rateHeaders(standing),
  quota: message,
});

const newestOf = ({ current }: StaleVersion): Partial<Problem> =>
  current === undefined ? {} : { headers: { etag: `"v${current}"` } };

/** The answer did not come within the deadline. What was asked for may still happen: the same key tells. */
export class TooSlow extends Error {}

/** The caller hung up. Nobody hears the answer; it is for the log. */
export class CallerGone extends Error {}

const TOO_SLOW: Problem = {
  kind: 'too-slow',
  code: 'deadline-exceeded',
  message: 'This took too long. It may still happen; the same idempotency key gets its answer.',
  violations: [],
};

const GONE: Problem = {
  kind: 'too-slow',
  code: 'cancelled',
  message: 'The caller did not wait for the answer.',
  violations: [],
  httpStatus: 499, // by custom, so that nobody counts it as a fault of ours
};

/** The public account of anything that was thrown. What is not known to be meant for the caller is `internal`. */
export const problemOf = (error: unknown): Problem => {
  if (error instanceof RateLimited) return { ...refusalOf(error), ...limitOf(error) };
  if (error instanceof StaleVersion) return { ...refusalOf(error), ...newestOf(error) };
  if (error instanceof DomainError) return refusalOf(error);
  if (error instanceof TooSlow) return TOO_SLOW;
  if (error instanceof CallerGone) return GONE;
  if (error instanceof HttpException) return ofHttpStatus(error.getStatus());
  return ofDependency(error) ?? INTERNAL;
};

const MALFORMED: Problem = {
  kind: 'invalid',
  code: 'request-malformed',
  message: 'The request cannot be read.',
  violations: [],
};

// Refusals of the HTTP server itself, before any operation is reached.
const HTTP: Readonly<Record<number, Problem>> = {
  400: MALFORMED,
  404: { kind: 'not-found', code: 'route-not-found', message: 'There is no such route.', violations: [] },
  408: {
    kind: 'invalid',
    code: 'request-timeout',
    message: 'The request took too long.',
    violations: [],
    httpStatus: 408,
  },
  413: { kind: 'too-large', code: 'body-too-large', message: 'The body is larger than 256 KiB.', violations: [] },
  414: {
    kind: 'too-large',
    code: 'uri-too-long',
    message: 'The address is too long.',
    violations: [],
    httpStatus: 414,
  },
  415: {
    kind: 'invalid',
    code: 'media-type-not-supported',
    message: 'The body has to be application/json.',
    violations: [],
    httpStatus: 415,
  },
  417: {
    kind: 'invalid',
    code: 'expectation-failed',
    message: 'Nothing but 100-continue can be expected.',
    violations: [],
    httpStatus: 417,
  },
  431: {
    kind: 'too-large',
    code: 'headers-too-large',
    message: 'The headers are too large.',
    violations: [],
    httpStatus: 431,
  },
  503: unavailable('draining', 'This process is stopping.'),
};

/** 405, with the methods that the path does have. */
export const methodNotAllowed = (methods: readonly string[]): Problem => ({
  kind: 'invalid',
  code: 'method-not-allowed',
  message: `This path takes ${methods.join(', ')}.`,
  violations: [],
  httpStatus: 405,
  headers: { allow: methods.join(', ') },
});

/** The problem for a status that Fastify or Nest chose. */
export const ofHttpStatus = (http: number): Problem =>
  HTTP[http] ?? (http < 500 ? { ...MALFORMED, httpStatus: http } : INTERNAL);

/** 415, for routes that take another type than the one sent. */
export class MediaTypeError extends HttpException {
  constructor() {
    super('media-type-not-supported', 415);
  }
}

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
// Connection exceptions (class 08), shutdowns, "too many connections", PostgreSQL that is still starting, and a server that
// is a standby by now.
const DATABASE_DOWN = /^(08...|57P0[1235]|53[123]00|25006)$/;
// A lock, statement or transaction timeout, a deadlock, a serialization failure: the same call may well pass later.
const DATABASE_BUSY = /^(55P03|57014|25P03|40P01|40001)$/;
// pg has no codes for these.
const POOL = /^(timeout exceeded when trying to connect|Connection terminated|Client was closed)/;

const ofDependency = (error: unknown): Problem | undefined => {
  if (!(error instanceof Error)) return undefined;
  const code = (error as { code?: unknown }).code;
  if (code === status.UNAVAILABLE || code === status.DEADLINE_EXCEEDED)
    return unavailable('dependency-unavailable', 'Another service does not answer.');
  const text = String(code);
  if (NETWORK.has(text) || DATABASE_DOWN.test(text) || POOL.test(error.message))
    return unavailable('dependency-unavailable', 'Something this service needs does not answer.');
  return DATABASE_BUSY.test(text) ? unavailable('busy', 'The service is busy with this.') : undefined;
};
