import { Command, Query } from '@nestjs/cqrs';
import type { CommandContext } from '@oppi/event-sourcing';
import type { z } from 'zod';
import type { Caller, Role } from './caller';
import { accepted, organisationId } from './fields';

export type InputSchema = z.ZodObject;
export type OutputSchema = z.ZodObject;

type Bound<K extends 'command' | 'query', I extends InputSchema, O extends OutputSchema> = {
  readonly kind: K;
  readonly inputSchema: I;
  readonly outputSchema: O;
};

/** A class made by `command` or `query`. */
export type OperationType<I extends InputSchema = InputSchema, O extends OutputSchema = OutputSchema> = (new (
  ...args: never[]
) => { readonly input: z.output<I> }) &
  Bound<'command' | 'query', I, O>;

/** What a client sends for an operation, before parsing. */
export type InputOf<T extends OperationType> = z.input<T['inputSchema']>;
/** What an operation answers. */
export type OutputOf<T extends OperationType> = z.output<T['outputSchema']>;

/**
 * The class of a command: `input` is parsed, `context` says who asks, when and under which key.
 * Throws when the input does not name the organisation.
 */
export const command = <I extends InputSchema, O extends OutputSchema = typeof accepted>(
  inputSchema: I,
  output?: O,
) => {
  requireTenant(inputSchema);
  return class extends Command<z.output<O>> {
    static readonly kind = 'command' as const;
    static readonly inputSchema = inputSchema;
    // The default is `accepted` exactly when O was not given, which the compiler cannot see.
    static readonly outputSchema = (output ?? accepted) as O;

    constructor(
      readonly input: z.output<I>,
      readonly context: CommandContext,
    ) {
      super();
    }
  };
};

/** The class of a query: `input` is parsed, `caller` says who asks. Throws when the input does not name the organisation. */
export const query = <I extends InputSchema, O extends OutputSchema>(inputSchema: I, outputSchema: O) => {
  requireTenant(inputSchema);
  return class extends Query<z.output<O>> {
    static readonly kind = 'query' as const;
    static readonly inputSchema = inputSchema;
    static readonly outputSchema = outputSchema;

    constructor(
      readonly input: z.output<I>,
      readonly caller: Caller,
    ) {
      super();
    }
  };
};

// The very same schema, because the dispatcher relies on it to refuse whatever it cannot compare with the caller's.
const requireTenant = (schema: InputSchema): void => {
  if (schema.shape['organisationId'] !== organisationId)
    throw new Error('Every input names its tenant by the organisationId of this library.');
};

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

export type OperationOptions = Readonly<{
  /** The rpc's name in the proto service. */
  rpc: string;
  /** Method and path below `/<service>/v1`; `:name` takes the field of that name from the path. */
  http: `${HttpMethod} /${string}`;
  /** The roles that may call it; nobody else. */
  allow: readonly Role[];
  /**
   * Those of them that reach by it only what is their own: a learner himself or herself, a coach the learners in the own
   * care. To them everybody else's is as if it were not there.
   */
  own?: readonly Role[];
  /** Whether the caller has to say which version it saw; `optional` when absent. */
  version?: 'optional' | 'required';
  summary: string;
  description?: string;
}>;

/** An operation with everything both wires need to know, computed once. */
export type OperationSpec = Readonly<{
  type: OperationType;
  name: string;
  rpc: string;
  method: HttpMethod;
  path: string;
  pathFields: readonly string[];
  allow: ReadonlySet<Role>;
  own: ReadonlySet<Role>;
  versionRequired: boolean;
  summary: string;
  description?: string;
  make: (input: unknown, about: CommandContext | Caller) => object;
}>;

const specs = new WeakMap<object, OperationSpec>();

/** Binds a command or query class to one rpc and one route, both for the same roles. */
export const Operation =
  ({ rpc, http, allow, own = [], version, ...texts }: OperationOptions) =>
  (type: OperationType): void => {
    const [method, path] = http.split(' ') as [HttpMethod, string];
    const pathFields = [...path.matchAll(/:([A-Za-z]+)/g)].map(([, field]) => field as string);
    const unknown = pathFields.find((field) => !type.inputSchema.shape[field]);
    if (unknown) throw new Error(`${type.name}: the path names ${unknown}, which the input does not have.`);
    const stranger = own.find((role) => !allow.includes(role));
    if (stranger) throw new Error(`${type.name}: ${stranger} reaches nothing by it, so nothing of its own.`);
    // Which of the two a class is made with follows from its kind; the dispatcher is the only caller.
    const make = type as unknown as new (input: unknown, about: unknown) => object;
    specs.set(type, {
      ...texts,
      type,
      name: type.name,
      rpc,
      method,
      path,
      pathFields,
      allow: new Set(allow),
      own: new Set(own),
      versionRequired: version === 'required',
      make: (input, about) => new make(input, about),
    });
  };

/** What `@Operation` said of a class. Throws for a class without it. */
export const specOf = (type: OperationType): OperationSpec => {
  const spec = specs.get(type);
  if (!spec) throw new Error(`${type.name} has no @Operation.`);
  return spec;
};
