import type { Actor } from './event';

/** Everything a decision may know besides its input and its state: who asks, under which key, and what time it is. */
export type CommandContext = Readonly<{
  /** The client organisation the command is about: the tenant of every stream it touches. */
  organisationId: string;
  actor: Actor;
  /** The types of events a worker may record, which acts for nobody. Callers have no such list: roles and rules limit them. */
  mayRecord?: readonly string[];
  /** The client-made idempotency key: the same key and fingerprint get the same answer, once. */
  commandId: string;
  /** Hex SHA-256 of the operation and its input; tells a repeated command from another one under the same key. */
  fingerprint: string;
  /** The stream version the caller saw; honoured without retry when given. */
  expectedVersion?: number;
  correlationId: string;
  causationId?: string;
  /** W3C trace context of the request, carried into events, messages and projections. */
  traceparent?: string;
  /** Now, by the injected clock; becomes `recordedAt`. ISO-8601 UTC. */
  now: string;
  /** When it was true; `now` unless an import or operations said otherwise. Never later than `now`. ISO-8601 UTC. */
  occurredAt: string;
  /** Whether it came in as history, through the bulk import. */
  imported: boolean;
}>;
