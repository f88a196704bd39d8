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

const KEY_HEADER = z.string().min(8).max(255).meta({
  description: 'Made by the client and kept for repeats: the same key and input get the same answer, once.',
  example: '0198c5f2-6b1e-7c43-9d0a-2f6f3a1b7e55',
});
const IF_MATCH = z
  .string()
  .regex(/^"v\d+"$/)
  .meta({ description: 'The version that was seen; refused with 412 when it is another by now.', example: '"v3"' });
const ETAG = z.string().meta({ description: 'The version of the answer.', example: '"v3"' });
const REPLAYED = z.literal('true').optional().meta({ description: 'Present on the stored answer of an earlier call.' });

// What any operation may answer; 428 comes with those that need a version.
const ANYWHERE: readonly ProblemKind[] = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'not-found',
  'too-large',
  'too-many',
  'unavailable',
  'internal',
];
const OF_COMMANDS: readonly ProblemKind[] = ['conflict', 'unknown-yet', 'stale', 'refused'];

const kindsOf = ({ type, versionRequired }: OperationSpec): readonly ProblemKind[] => [
  ...ANYWHERE,
  ...(type.kind === 'command' ? OF_COMMANDS : []),
  ...(versionRequired ? (['version-required'] as const) : []),
];

const problemResponse = (description: string): ZodOpenApiResponseObject => ({
  description,
  content: { 'application/problem+json': { schema: problem } },
});

const problems = (kinds: readonly ProblemKind[], more: Readonly<Record<number, string>>) => {
  const texts: Record<number, string> = { ...more };
  for (const kind of kinds) {
    const { http, title } = WIRE[kind];
    texts[http] = texts[http] === undefined ? title : `${texts[http]}, or: ${title}`;
  }
  return Object.fromEntries(Object.entries(texts).map(([http, text]) => [http, problemResponse(`${text}.`)]));
};

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
  const { type, rpc, summary, description, method, pathFields, allow } = spec;
  const hasBody = method === 'POST' || method === 'PUT';
  const rest = masked(type.inputSchema, pathFields, false);
  const header = headersOf(spec);
  const notModified = type.kind === 'query' && 'version' in type.outputSchema.shape;
  return {
    operationId: rpc,
    summary,
    description: `${description === undefined ? '' : `${description}\n\n`}For: ${[...allow].join(', ')}.`,
    requestParams: {
      path: masked(type.inputSchema, pathFields, true),
      ...(hasBody ? {} : { query: rest }),
      ...(header === undefined ? {} : { header }),
    },
    ...(hasBody ? { requestBody: { required: true, content: { 'application/json': { schema: rest } } } } : {}),
    responses: {
      200: answerOf(spec),
      ...(notModified ? { 304: { description: 'The version named in If-None-Match is the newest.' } } : {}),
      ...problems(kindsOf(spec), hasBody ? { 415: 'The body is not application/json' } : {}),
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
      ...problems(['invalid', 'unauthenticated', 'forbidden', 'refused', 'unavailable', 'internal'], {}),
    },
  },
};

export type OpenApiMore = Readonly<{
  /** Paths of hand-written controllers, such as streams. */
  paths?: ZodOpenApiPathsObject;
  /** Whether the settable clock is offered. */
  clock?: boolean;
}>;

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
    info: { title: `Oppi: ${name}`, version: '1', description: `Roles: ${ROLES.join(', ')}.` },
    security: [{ accessToken: [] }],
    paths: { ...paths, ...more.paths, ...(more.clock === true ? { [`/${name}/v1/clock`]: clockPath } : {}) },
    components: {
      securitySchemes: {
        accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An access token, `at+jwt`.' },
      },
    },
  });
};
