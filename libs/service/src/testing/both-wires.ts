import { randomUUID } from 'node:crypto';
import {
  type CallOptions as CallOptionsOfGrpc,
  type Client,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import type { Violation } from '@oppi/event-sourcing';
import { loadContract, messageOf, type Rpc, rpcsOf, shaperOf } from '../grpc-contract';
import { type InputOf, type OperationType, type OutputOf, specOf } from '../operation';
import type { RunningService } from '../start';
import { decodeStatus } from './status-details';

export type CallOptions = Readonly<{
  token?: string;
  /** The idempotency key; a new one when absent, none when null. */
  requestId?: string | null;
  expectedVersion?: number;
  traceparent?: string;
  /** How long a gRPC client waits; REST has no way to say so. */
  deadlineMs?: number;
}>;

/** A refusal as a client sees it; `status` is the HTTP status or the gRPC code. */
export class WireError extends Error {
  constructor(
    readonly problem: string,
    readonly status: number,
    readonly violations: readonly Violation[],
  ) {
    super(`${problem} (${status}) ${violations.map(({ pointer, message }) => `${pointer} ${message}`).join('; ')}`);
  }
}

export type Wire = Readonly<{
  /** Calls an operation. Rejects with a `WireError`. Input that the operation would refuse may be sent as it is. */
  call<T extends OperationType>(operation: T, input: InputOf<T>, options?: CallOptions): Promise<OutputOf<T>>;
}>;

/** A client per wire, so that the same cases run over both. Close it when done. */
export const bothWires = (
  service: RunningService,
): Readonly<{
  http: Wire;
  grpc: Wire;
  /** The status by which a stream ends that brings one message, if any. */
  streamStatus(rpc: string, message?: object, options?: CallOptions): Promise<number>;
  close(): void;
}> => {
  const grpc = grpcWire(service);
  return {
    http: httpWire(service),
    grpc,
    streamStatus: (...call) => grpc.streamStatus(...call),
    close: () => grpc.close(),
  };
};

const keyOf = (operation: OperationType, { requestId }: CallOptions): string | undefined =>
  operation.kind === 'query' || requestId === null ? undefined : (requestId ?? randomUUID());

type Fields = Record<string, unknown>;

/** The address and body of an operation over REST. */
const requestOf = (operation: OperationType, input: Fields): { path: string; query: string; body?: string } => {
  const { method, path, pathFields } = specOf(operation);
  const rest = Object.fromEntries(
    Object.entries(input).filter(([field, value]) => !pathFields.includes(field) && value !== undefined),
  );
  // An empty segment would name another route.
  const filled = path.replaceAll(/:([A-Za-z]+)/g, (_, field: string) =>
    encodeURIComponent((input[field] as string) || '-'),
  );
  if (method === 'POST' || method === 'PUT') return { path: filled, query: '', body: JSON.stringify(rest) };
  const query = new URLSearchParams(
    Object.entries(rest).map(([field, value]): [string, string] => [field, String(value)]),
  ).toString();
  return { path: filled, query: query === '' ? '' : `?${query}` };
};

const httpWire = ({ name, httpPort }: RunningService): Wire => ({
  call: async <T extends OperationType>(operation: T, input: InputOf<T>, options: CallOptions = {}) => {
    const { path, query, body } = requestOf(operation, input);
    const key = keyOf(operation, options);
    const response = await fetch(`http://127.0.0.1:${httpPort}/${name}/v1${path}${query}`, {
      method: specOf(operation).method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...(options.expectedVersion === undefined ? {} : { 'if-match': `"v${options.expectedVersion}"` }),
        ...(options.traceparent === undefined ? {} : { traceparent: options.traceparent }),
      },
      ...(body === undefined ? {} : { body }),
    });
    const answer = (await response.json()) as Fields;
    if (response.ok) return answer as OutputOf<T>;
    const errors = (answer['errors'] ?? []) as { pointer: string; detail: string }[];
    const violations = errors.map(({ pointer, detail }) => ({ pointer, message: detail }));
    throw new WireError(String(answer['code']), response.status, violations);
  },
});

type Unary = (
  request: object,
  metadata: Metadata,
  options: CallOptionsOfGrpc,
  done: (error: ServiceError | null, answer: Fields) => void,
) => void;

const metadataOf = ({ token, traceparent }: CallOptions): Metadata => {
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  if (traceparent !== undefined) metadata.set('traceparent', traceparent);
  return metadata;
};

const wireErrorOf = (error: ServiceError): WireError => {
  const [details] = error.metadata.get('grpc-status-details-bin');
  const { code, violations } = decodeStatus(Buffer.isBuffer(details) ? details : Buffer.alloc(0));
  return new WireError(code ?? error.details, error.code, violations);
};

type GrpcWire = Wire & {
  streamStatus(rpc: string, message?: object, options?: CallOptions): Promise<number>;
  close(): void;
};

const grpcWire = ({ grpcPort, contract }: RunningService): GrpcWire => {
  const definition = loadContract(contract);
  const rpcs = rpcsOf(definition, contract.service);
  const loaded = contract.service
    .split('.')
    .reduce((found: unknown, part) => (found as Record<string, unknown>)[part], loadPackageDefinition(definition));
  const client: Client = new (loaded as ServiceClientConstructor)(
    `127.0.0.1:${grpcPort}`,
    credentials.createInsecure(),
  );
  return {
    close: () => client.close(),
    streamStatus: (rpc, message, options = {}) =>
      new Promise((resolve) => {
        const { requestSerialize, responseDeserialize } = rpcs.get(rpc) as Rpc;
        const path = `/${contract.service}/${rpc}`;
        const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadataOf(options));
        stream.on('data', () => undefined).on('error', () => undefined);
        stream.on('status', ({ code }: { code: number }) => resolve(code));
        if (message) stream.write(message);
        stream.end();
      }),
    call: <T extends OperationType>(operation: T, input: InputOf<T>, options: CallOptions = {}) => {
      const { rpc } = specOf(operation);
      const method = rpcs.get(rpc);
      if (!method) throw new Error(`${contract.service} has no rpc ${rpc}.`);
      const shape = shaperOf(definition, messageOf(definition, method, 'responseType'));
      const request = { ...input, requestId: keyOf(operation, options), expectedVersion: options.expectedVersion };
      const unary = (client as unknown as Record<string, Unary>)[rpc] as Unary;
      return new Promise<OutputOf<T>>((resolve, reject) => {
        const until = options.deadlineMs === undefined ? {} : { deadline: Date.now() + options.deadlineMs };
        unary.call(client, request, metadataOf(options), until, (error, answer) =>
          error ? reject(wireErrorOf(error)) : resolve(shape(answer) as OutputOf<T>),
        );
      });
    },
  };
};
