import { DomainError, type Violation } from '@oppi/event-sourcing';
import type { z } from 'zod';

// Names of unknown fields come from the client and are echoed in pointers, so they are cut.
const MAX_NAME = 64;

const escaped = (name: PropertyKey): string =>
  String(name).slice(0, MAX_NAME).replaceAll('~', '~0').replaceAll('/', '~1');

/** A JSON pointer (RFC 6901). */
const pointerOf = (path: readonly PropertyKey[]): string => path.map((name) => `/${escaped(name)}`).join('');

const UNKNOWN = 'This field is not known.';

const violationsOf = (issue: z.core.$ZodIssue): Violation[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ pointer: pointerOf([...issue.path, key]), message: UNKNOWN }))
    : [{ pointer: pointerOf(issue.path), message: issue.message }];

/** The refusal of a field nobody knows. Throws `invalid` / `unknown-property`. */
export const refuseUnknown = (...names: string[]): never => {
  const violations = names.map((name) => ({ pointer: pointerOf([name]), message: UNKNOWN }));
  throw new DomainError('invalid', 'unknown-property', 'The request has fields that are not known.', violations);
};

/** Wire data, checked. Throws `invalid` with a violation per field; the values themselves are never repeated. */
export const parse = <S extends z.ZodType>(schema: S, input: unknown): z.output<S> => {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const { issues } = result.error;
  const onlyUnknown = issues.every((issue) => issue.code === 'unrecognized_keys');
  throw new DomainError(
    'invalid',
    onlyUnknown ? 'unknown-property' : 'invalid-request',
    onlyUnknown ? 'The request has fields that are not known.' : 'The request has fields that are not valid.',
    issues.flatMap(violationsOf),
  );
};
