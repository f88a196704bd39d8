import { createHash } from 'node:crypto';
import type { LoggerService } from '@nestjs/common';
import pino from 'pino';
import { currentTrace } from './trace';

/** The injection token of the service's log: `@Inject(LOG) log: Log`. */
export const LOG = Symbol('log');

/** What may be said beside the message: a number or a flag under any name, text only under a name listed here. */
export type Log = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'level'>;

// Bodies, tokens, names and notes must not reach the log, so text is dropped unless its name is on this list:
// ids, codes and names of our own making.
const TEXT = new Set(
  [
    'service trace_id request_id operation wire route method code outcome reason context kind check',
    'organisation_id named_organisation_id subject_hash client_id jti stream event_id topic group projection migration state address',
  ].flatMap((names) => names.split(' ')),
);

/** A person's id is personal data by itself; the log holds only what can be compared. */
export const hashed = (text: unknown): string => createHash('sha256').update(String(text)).digest('hex').slice(0, 16);

// PostgreSQL and zod repeat offending values in their messages; the rest is our own or the platform's wording.
const QUOTES_VALUES = new Set(['error', 'DatabaseError', 'QueryFailedError', 'ZodError', '$ZodError']);
const MAX_TEXT = 500;

const errorOf = (error: Error): object => {
  const { code, constraint, table, routine } = error as { code?: unknown } & Partial<
    Record<'constraint' | 'table' | 'routine', unknown>
  >;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    name: error.name,
    code,
    constraint,
    table,
    routine,
    ...(QUOTES_VALUES.has(error.name) || QUOTES_VALUES.has(error.constructor.name)
      ? {}
      : { message: error.message.slice(0, MAX_TEXT) }),
    frames: frames.slice(0, 12).map((line) => line.trim()),
    ...(error.cause instanceof Error ? { cause: errorOf(error.cause) } : {}),
  };
};

/** Keeps what may be logged. */
const kept = (fields: Record<string, unknown>): Record<string, unknown> => {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value instanceof Error) result['error'] = errorOf(value);
    else if (typeof value === 'number' || typeof value === 'boolean') result[name] = value;
    else if (typeof value === 'string' && TEXT.has(name)) result[name] = value.slice(0, MAX_TEXT);
  }
  return result;
};

/** A log of JSON lines with UTC times and the running trace's id. Writes to standard output unless told otherwise. */
export const openLog = (service: string, level: string, to?: pino.DestinationStream): Log =>
  pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: kept },
      mixin: () => {
        const trace = currentTrace();
        return trace ? { trace_id: trace.traceId, request_id: trace.spanId } : {};
      },
    },
    to ?? pino.destination({ dest: 1, sync: true }),
  );

/** Nest's own messages in our log; its start-up chatter only at `debug`. */
export const nestLog = (log: Log): LoggerService => {
  const say =
    (level: 'debug' | 'warn' | 'error' | 'fatal') =>
    (message: unknown, ...rest: unknown[]) => {
      const context = typeof rest.at(-1) === 'string' ? rest.at(-1) : '';
      if (message instanceof Error) log[level]({ context, err: message }, 'framework error');
      else log[level]({ context }, String(message).slice(0, MAX_TEXT));
    };
  return {
    log: say('debug'),
    debug: say('debug'),
    verbose: say('debug'),
    warn: say('warn'),
    error: say('error'),
    fatal: say('fatal'),
  };
};
