/** The kinds of refusal; each has one HTTP status and one gRPC code (the table is in `libs/service`). */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'unknown-yet'
  | 'stale'
  | 'version-required'
  | 'refused'
  | 'too-large'
  | 'too-many'
  | 'unavailable';

/** What is wrong with one field of the input; `pointer` is a JSON pointer. Never holds the value itself. */
export type Violation = Readonly<{ pointer: string; message: string }>;

/**
 * A refusal that the caller can act on. `code` is public and stable; `message` says what to do and holds no personal data.
 * Everything else that is thrown is a bug and reaches the caller without detail.
 */
export class DomainError extends Error {
  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    message: string,
    readonly violations: readonly Violation[] = [],
  ) {
    super(message);
  }
}

/** The caller saw another version than there is by now: `current`, where that is known. */
export class StaleVersion extends DomainError {
  constructor(readonly current?: number) {
    super('stale', 'version-stale', 'It has changed since you read it. Read it again and decide anew.');
  }
}
