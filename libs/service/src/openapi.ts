import { z } from 'zod';
import {
  createDocument,
  type oas31,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
} from 'zod-openapi';
import { ROLES } from './caller';
import { instant } from './fields';
import { type OperationSpec, type OperationType, specOf } from './operation';
import { type ProblemKind, WIRE } from './problem';

const problem = z
  .object({
    type: z.string().meta({ description: '`urn:oppi:problem:` and the code.', example: 'urn:oppi:problem:not-found' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string().meta({ description: 'Stable; the same over gRPC.', example: 'not-found' }),
    traceId: z.string().optional(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })),
  })
  .meta({ id: 'Problem' });

const KEY_HEADER = z
  .string()
  .min(8)
  .max(255)
  .regex(/^[!-~]+$/)
  .meta({
    description: 'Made by the client and kept for repeats: the same key and input get the same answer, once.',
    example: '0198c5f2-6b1e-7c43-9d0a-2f6f3a1b7e55',
  });
const IF_MATCH = z
  .string()
  .regex(/^"v(0|[1-9][0-9]{0,9})"$/)
  .meta({ description: 'The version that was seen; refused with 412 when it is another by now.', example: '"v3"' });
const ETAG = z.string().meta({ description: 'The version of the answer.', example: '"v3"' });
const REPLAYED = z.literal('true').optional().meta({ description: 'Present on the stored answer of an earlier call.' });

// What any operation may answer; 428 comes with those that need a version.
const ANYWHERE: readonly ProblemKind[] = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'not-found',
  'unknown-yet',
  'too-large',
  'too-many',
  'too-slow',
  'unavailable',
  'internal',
];
const OF_COMMANDS: readonly ProblemKind[] = ['conflict', 'unknown-yet', 'stale', 'refused'];

const kindsOf = ({ type, versionRequired }: OperationSpec): readonly ProblemKind[] => [
  ...ANYWHERE,
  ...(type.kind === 'command' ? OF_COMMANDS : []),
  ...(versionRequired ? (['version-required'] as const) : []),
];

// What the server itself refuses, whatever the operation.
const BY_THE_SERVER: Readonly<Record<number, string>> = {
  408: 'The request took too long to arrive',
  414: 'The address is longer than 2,048 characters',
  415: 'The body is not application/json',
  417: 'Something else than 100-continue is expected',
  431: 'The headers are larger than 16 KiB',
};

const RETRY_AFTER = z
  .string()
  .regex(/^[0-9]+$/)
  .meta({ description: 'Seconds until it is worth another try.' });
const HEADERS: Readonly<Record<number, z.ZodObject>> = {
  401: z.object({ 'WWW-Authenticate': z.string().meta({ example: 'Bearer error="invalid_token"' }) }),
  412: z.object({ ETag: z.string().optional().meta({ description: 'The newest version, where it is known.' }) }),
  429: z.object({
    'Retry-After': RETRY_AFTER,
    RateLimit: z.string().optional().meta({ description: 'What is left.', example: '"caller";r=0;t=12' }),
    'RateLimit-Policy': z.string().optional().meta({ description: 'The limit.', example: '"caller";q=300;w=60' }),
  }),
  503: z.object({ 'Retry-After': RETRY_AFTER }),
};

const titlesOf = (http: number): string[] =>
  Object.values(WIRE)
    .filter((entry) => entry.http === http)
    .map(({ title }) => title);

const STATUSES = [...Object.values(WIRE).map(({ http }) => http), ...Object.keys(BY_THE_SERVER).map(Number)];

// Named once in the document: every operation has most of them.
const PROBLEMS: Readonly<Record<number, ZodOpenApiResponseObject>> = Object.fromEntries(
  [...new Set(STATUSES)].map((http) => [
    http,
    {
      id: `Problem${http}`,
      description: `${BY_THE_SERVER[http] ?? titlesOf(http).join(', or: ')}.`,
      ...(HEADERS[http] === undefined ? {} : { headers: HEADERS[http] }),
      content: { 'application/problem+json': { schema: problem } },
    },
  ]),
);

const problems = (kinds: readonly ProblemKind[], byTheServer: readonly number[] = []) =>
  Object.fromEntries([...kinds.map((kind) => WIRE[kind].http), ...byTheServer].map((http) => [http, PROBLEMS[http]]));

const headersOf = ({ type, versionRequired }: OperationSpec): z.ZodObject | undefined => {
  if (type.kind === 'command')
    return z.object({ 'Idempotency-Key': KEY_HEADER, 'If-Match': versionRequired ? IF_MATCH : IF_MATCH.optional() });
  return 'version' in type.outputSchema.shape ? z.object({ 'If-None-Match': ETAG.optional() }) : undefined;
};

const answerOf = ({ type }: OperationSpec): ZodOpenApiResponseObject => ({
  description: 'Done.',
  headers: z.object({
    ...('version' in type.outputSchema.shape ? { ETag: ETAG } : {}),
    ...('replayed' in type.outputSchema.shape ? { 'Idempotency-Replayed': REPLAYED } : {}),
  }),
  content: { 'application/json': { schema: type.outputSchema } },
});

const masked = (schema: z.ZodObject, names: readonly string[], kept: boolean): z.ZodObject => {
  const shape = Object.entries(schema.shape).filter(([name]) => names.includes(name) === kept);
  return z.strictObject(Object.fromEntries(shape));
};

const describeOperation = (spec: OperationSpec): ZodOpenApiOperationObject => {
  const { type, rpc, summary, description, method, pathFields, allow, own } = spec;
  const hasBody = method === 'POST' || method === 'PUT';
  const rest = masked(type.inputSchema, pathFields, false);
  const header = headersOf(spec);
  const notModified = type.kind === 'query' && 'version' in type.outputSchema.shape;
  return {
    operationId: rpc,
    summary,
    'x-roles': [...allow],
    ...(own.size === 0 ? {} : { 'x-own': [...own] }),
    description: `${description === undefined ? '' : `${description}\n\n`}For: ${[...allow].map((role) => (own.has(role) ? `${role} (own)` : role)).join(', ')}.`,
    requestParams: {
      path: masked(type.inputSchema, pathFields, true),
      ...(hasBody ? {} : { query: rest }),
      ...(header === undefined ? {} : { header }),
    },
    ...(hasBody ? { requestBody: { required: true, content: { 'application/json': { schema: rest } } } } : {}),
    responses: {
      200: answerOf(spec),
      ...(notModified ? { 304: { description: 'The version named in If-None-Match is the newest.' } } : {}),
      ...problems(kindsOf(spec), [408, 414, 417, 431, ...(hasBody ? [415] : [])]),
    },
  };
};

const clockPath: ZodOpenApiPathsObject[string] = {
  put: {
    operationId: 'SetClock',
    summary: 'Sets the clock forward. For: operations. Exists in local and test environments only.',
    requestBody: { required: true, content: { 'application/json': { schema: z.strictObject({ now: instant }) } } },
    responses: {
      200: { description: 'Done.', content: { 'application/json': { schema: z.object({ now: instant }) } } },
      ...problems(['invalid', 'unauthenticated', 'forbidden', 'refused', 'unavailable', 'internal']),
    },
  },
};

export type OpenApiMore = Readonly<{
  /** Paths of hand-written controllers, such as streams. */
  paths?: ZodOpenApiPathsObject;
  /** Whether the settable clock is offered. */
  clock?: boolean;
}>;

const LIMITS_TEXT = [
  'Limits, unless a deployment sets others: a person makes 300 calls a minute, a program (integration, billing) 1,200;',
  'after a pause as many at once; 128 calls of one organisation run at the same time. Beyond: 429, with `Retry-After`.',
  'A body has at most 256 KiB and 32 levels, an address 2,048 characters, the headers 16 KiB, a page 200 items.',
  'An answer takes at most 30 s over REST; over gRPC 10 s, or the deadline of the call up to 60 s.',
].join(' ');

/** The OpenAPI 3.1 description of a service's REST side, from the operations themselves. */
export const openApiDocument = (
  name: string,
  operations: readonly OperationType[],
  more: OpenApiMore = {},
): oas31.OpenAPIObject => {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const spec of operations.map(specOf)) {
    const path = `/${name}/v1${spec.path.replaceAll(/:([A-Za-z]+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [spec.method.toLowerCase()]: describeOperation(spec) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: { title: `Oppi: ${name}`, version: '1', description: `Roles: ${ROLES.join(', ')}.\n\n${LIMITS_TEXT}` },
    security: [{ accessToken: [] }],
    paths: { ...paths, ...more.paths, ...(more.clock === true ? { [`/${name}/v1/clock`]: clockPath } : {}) },
    components: {
      securitySchemes: {
        accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An access token, `at+jwt`.' },
      },
    },
  });
};
