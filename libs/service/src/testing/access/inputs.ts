import fc from 'fast-check';
import { z } from 'zod';
import { type OperationType, specOf } from '../../operation';

type Fields = Record<string, unknown>;
type Json = Readonly<{
  $ref?: string;
  type?: string;
  format?: string;
  pattern?: string;
  example?: unknown;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Json[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  items?: Json;
  maxItems?: number;
  minItems?: number;
  properties?: Record<string, Json>;
  required?: string[];
  additionalProperties?: unknown;
}>;

type Definitions = Readonly<Record<string, Json>>;

// Schemas with a name of their own stand apart, and are put back where they belong.
const inlined = (schema: Json, definitions: Definitions): Json => {
  const named = definitions[schema.$ref?.split('/').at(-1) ?? ''];
  if (named) return inlined(named, definitions);
  const within = Object.entries(schema.properties ?? {});
  return {
    ...schema,
    ...(schema.items ? { items: inlined(schema.items, definitions) } : {}),
    ...(schema.anyOf ? { anyOf: schema.anyOf.map((part) => inlined(part, definitions)) } : {}),
    properties: Object.fromEntries(within.map(([name, part]) => [name, inlined(part, definitions)])),
  };
};

const jsonSchemaOf = (schema: z.ZodType): Json => {
  const made = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json & { $defs?: Definitions };
  return inlined(made, made.$defs ?? {});
};

/** An operation's input as JSON Schema, as a client sees it. */
export const inputSchemaOf = (operation: OperationType): Json => jsonSchemaOf(operation.inputSchema);

/** An operation's answer as JSON Schema. */
export const outputSchemaOf = (operation: OperationType): Json => jsonSchemaOf(operation.outputSchema);

const DAY_MS = 86_400_000;
const day = (days: number): Date => new Date(Date.now() + days * DAY_MS);

// What the patterns of our vocabulary may ask for.
const WORDS = [
  'pass',
  'first-step',
  'A word of many letters: äöå 漢字 🙂',
  'x',
  '12345678',
  'EUR',
  'Europe/Helsinki',
  '2026-11',
  '08:00',
  '4990',
  'https://example.org/a?b=c',
  'a'.repeat(64),
  '0123456789abcdef'.repeat(4),
];

const textOf = ({ pattern, minLength = 0, maxLength = 200, example }: Json): fc.Arbitrary<string> => {
  if (typeof example === 'string') return fc.constant(example);
  const expression = pattern === undefined ? undefined : new RegExp(pattern, 'u');
  const fitting = WORDS.filter(
    (word) => word.length >= minLength && word.length <= maxLength && (expression?.test(word) ?? true),
  );
  if (fitting.length > 0) return fc.constantFrom(...fitting);
  if (expression === undefined) return fc.string({ minLength, maxLength });
  return fc.stringMatching(expression).filter((word) => word.length >= minLength && word.length <= maxLength);
};

const stringOf = (schema: Json, ids: readonly string[]): fc.Arbitrary<unknown> => {
  if (schema.format === 'uuid') return fc.constantFrom(...ids);
  if (schema.format === 'date')
    return fc.integer({ min: -60, max: 400 }).map((days) => day(days).toISOString().slice(0, 10));
  if (schema.format === 'date-time') return fc.integer({ min: 1, max: 30 }).map((days) => day(-days).toISOString());
  if (schema.format === 'email') return fc.constantFrom('someone@example.org', 'other@example.org');
  return textOf(schema);
};

const objectOf = ({ properties = {}, required = [] }: Json, ids: readonly string[]): fc.Arbitrary<unknown> =>
  fc.record(Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, valueOf(schema, ids)])), {
    requiredKeys: required,
  });

const numberOf = ({ type, minimum = -1e6, maximum = 1e6 }: Json): fc.Arbitrary<unknown> => {
  const range = { min: Math.max(minimum, -1e9), max: Math.min(maximum, 1e9) };
  return type === 'integer' ? fc.oneof(fc.integer(range), fc.constant(minimum)) : fc.double({ ...range, noNaN: true });
};

const listOf = ({ items = {}, minItems = 0, maxItems = 3 }: Json, ids: readonly string[]): fc.Arbitrary<unknown> =>
  fc.uniqueArray(valueOf(items, ids), {
    minLength: minItems,
    maxLength: Math.min(maxItems, 3 + minItems),
    // What stands first in an item is its id.
    selector: (item) => JSON.stringify(typeof item === 'object' && item !== null ? Object.values(item)[0] : item),
  });

const valueOf = (schema: Json, ids: readonly string[]): fc.Arbitrary<unknown> => {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((each) => valueOf(each, ids)));
  switch (schema.type) {
    case 'string':
      return stringOf(schema, ids);
    case 'integer':
    case 'number':
      return numberOf(schema);
    case 'boolean':
      return fc.boolean();
    case 'array':
      return listOf(schema, ids);
    case 'object':
      return objectOf(schema, ids);
    default:
      return fc.constant(null);
  }
};

/** Inputs that an operation's schema takes, whose ids come from a small pool, so that calls meet each other's things. */
export const inputsOf = (operation: OperationType, ids: readonly string[]): fc.Arbitrary<Fields> =>
  objectOf(inputSchemaOf(operation), ids) as fc.Arbitrary<Fields>;

/** One of those that the schema really takes, the same for the same seed. */
export const validInputOf = (operation: OperationType, ids: readonly string[], seed = 1): Fields => {
  const tried = fc.sample(inputsOf(operation, ids), { numRuns: 200, seed });
  const valid = tried.find((input) => operation.inputSchema.safeParse(input).success);
  if (!valid) throw new Error(`No input for ${operation.name} was found; give its fields an example.`);
  return valid;
};

const HOSTILE: readonly unknown[] = [
  '',
  ' ',
  '\u0000',
  'a\r\nb',
  '\u202Eevil',
  '\ud800',
  '𝕏'.repeat(5_000),
  'x'.repeat(20_001),
  '../../etc/passwd',
  "'; drop table events; --",
  '%00',
  '${7*7}',
  '0000-00-00',
  '9999-12-31',
  '2026-02-30',
  '9999-12-31T23:59:59.999Z',
  '0001-01-01T00:00:00Z',
  '-000001-01-01T00:00:00Z',
  '2026-06-30T23:59:60Z',
  '00000000-0000-0000-0000-000000000000',
  'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  -1,
  0,
  0.1,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  1e308,
  null,
  true,
  [],
  {},
  [[[[[[]]]]]],
  { __proto__: null, constructor: 1, toString: 'x' },
  Array.from({ length: 1_001 }, (_, i) => String(i)),
];

const hostile: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
);

/** Inputs of which one to three fields were replaced, dropped or added by somebody who means no good. */
export const hostileInputsOf = (operation: OperationType, ids: readonly string[]): fc.Arbitrary<Fields> => {
  const fields = [...Object.keys(operation.inputSchema.shape), 'unknownField', '__proto__'];
  const change = fc.record({
    field: fc.constantFrom(...fields),
    value: fc.option(hostile, { freq: 8, nil: undefined }),
  });
  // The organisation stays now and then, so that what comes behind the door is reached as well.
  return fc
    .tuple(inputsOf(operation, ids), fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([input, changes]) => {
      const changed = new Map(Object.entries(input));
      for (const { field, value } of changes) {
        if (field === 'organisationId') continue;
        if (value === undefined) changed.delete(field);
        else changed.set(field, value);
      }
      return Object.fromEntries(changed);
    });
};

const partsOf = (schema: Json, at: string): [Json, string][] => [
  ...Object.entries(schema.properties ?? {}).map(([name, each]): [Json, string] => [each, `${at}/${name}`]),
  ...(schema.items ? [[schema.items, `${at}/*`] as [Json, string]] : []),
  ...(schema.anyOf ?? []).map((each): [Json, string] => [each, at]),
];

// A format and a pattern that ends after so many characters are limits too.
const FIXED_LENGTH = /\{\d+(,\d+)?\}\)?\$$|^\^\[0-9\]\{4\}/;

const isUnbounded = ({ type, format, maxLength, maxItems, pattern = '', ...rest }: Json): boolean => {
  if (type === 'array') return maxItems === undefined;
  if (type !== 'string' || rest.enum || 'const' in rest) return false;
  return format === undefined && maxLength === undefined && !FIXED_LENGTH.test(pattern);
};

/** Text and list fields without a limit, by JSON pointer. */
export const unboundedFieldsOf = (schema: Json, at = ''): string[] => [
  ...(isUnbounded(schema) ? [at] : []),
  ...partsOf(schema, at).flatMap(([each, where]) => unboundedFieldsOf(each, where)),
];

/** Objects that take fields nobody named, by JSON pointer. */
export const openObjectsOf = (schema: Json, at = ''): string[] => [
  ...(schema.type === 'object' && schema.additionalProperties !== false ? [at || '/'] : []),
  ...partsOf(schema, at).flatMap(([each, where]) => openObjectsOf(each, where)),
];

/** `METHOD /path/:field` as the server knows the operation's route. */
export const routeOf = (service: string, operation: OperationType): string => {
  const { method, path } = specOf(operation);
  return `${method} /${service}/v1${path}`;
};
