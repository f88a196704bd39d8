import { DomainError } from '@oppi/event-sourcing';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { OperationSpec } from './operation';
import { refuseUnknown } from './parse';
import { MediaTypeError } from './problem';

type Fields = Readonly<Record<string, unknown>>;
type Coerce = (value: string) => unknown;

const wrappers = [z.ZodOptional, z.ZodDefault, z.ZodNullable, z.ZodReadonly];

const unwrapped = (schema: unknown): unknown =>
  wrappers.some((wrapper) => schema instanceof wrapper) ? unwrapped((schema as z.ZodOptional).unwrap()) : schema;

const NUMBER = /^-?\d+(\.\d+)?$/;
// What is no number or flag stays text, and the schema refuses it.
const toNumber: Coerce = (value) => (NUMBER.test(value) ? Number(value) : value);
const toFlag: Coerce = (value) => (value === 'true' ? true : value === 'false' ? false : value);

const coercionOf = (spec: OperationSpec, field: string): Coerce | undefined => {
  const schema = unwrapped(spec.type.inputSchema.shape[field]);
  if (schema instanceof z.ZodNumber) return toNumber;
  if (schema instanceof z.ZodBoolean) return toFlag;
  if (schema instanceof z.ZodObject || schema instanceof z.ZodArray)
    throw new Error(`${spec.name}: ${field} has no place in a path or query string.`);
  return undefined;
};

const refuseRepeated = (field: string): never => {
  throw new DomainError('invalid', 'parameter-repeated', 'A parameter may be given once.', [
    { pointer: `/${field.slice(0, 64)}`, message: 'This is given more than once.' },
  ]);
};

/** Reads an operation's input from a request. Made once per operation; throws when the input cannot travel that way. */
export const httpInputOf = (spec: OperationSpec): ((request: FastifyRequest) => Fields) => {
  const hasBody = spec.method === 'POST' || spec.method === 'PUT';
  const inPath = new Set(spec.pathFields);
  const fields = Object.keys(spec.type.inputSchema.shape).filter((field) => !hasBody || inPath.has(field));
  const coercions = new Map(fields.map((field) => [field, coercionOf(spec, field)]));

  const coerced = (given: Fields): [string, unknown][] =>
    Object.entries(given).map(([field, value]) => {
      if (Array.isArray(value)) return refuseRepeated(field);
      return [field, typeof value === 'string' ? (coercions.get(field)?.(value) ?? value) : value];
    });

  return (request) => {
    const search = Object.entries(request.query as Fields);
    const named = hasBody ? bodyOf(request) : Object.fromEntries(search);
    if (hasBody && search.length > 0) return refuseUnknown(...search.map(([field]) => field));
    const twice = Object.keys(named).filter((field) => inPath.has(field));
    if (twice.length > 0) return refuseUnknown(...twice);
    // fromEntries defines properties, so a field called __proto__ stays a field, and is refused as unknown.
    const path = coerced(request.params as Fields);
    return Object.fromEntries([...(hasBody ? Object.entries(named) : coerced(named)), ...path]);
  };
};

const bodyOf = (request: FastifyRequest): Fields => {
  const { body } = request;
  if (body === undefined || body === null) return {};
  // A stream is what the parser of bulk imports leaves.
  if (typeof (body as { pipe?: unknown }).pipe === 'function') throw new MediaTypeError();
  return body as Fields;
};

const VERSION = /^"v(0|[1-9]\d{0,9})"$/;

/** The version in an `If-Match` header. Throws `invalid` for anything but one strong tag of ours. */
export const expectedVersionOf = (ifMatch: string | undefined): number | undefined => {
  if (ifMatch === undefined) return undefined;
  const [, version] = VERSION.exec(ifMatch) ?? [];
  if (version === undefined)
    throw new DomainError('invalid', 'expected-version-malformed', 'If-Match takes one strong tag, such as "v3".');
  return Number(version);
};
