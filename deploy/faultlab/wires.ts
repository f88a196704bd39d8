import {
  type Client,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceClientConstructor,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadContract } from '@oppi/service';
import type { Endpoints } from '../local/endpoints';
import type { ServiceName } from '../local/layout';
import type { Role } from '../local/roles';
import { tokenFor } from '../local/tokens';
import type { LabProcess } from './lab-process';
import type { Outcome } from './operation-log';
import type { OperationUse } from './operations';

export type Wire = 'rest' | 'grpc';

export type Request = Readonly<{
  rpc: string;
  use: OperationUse;
  role: Role;
  organisationId: string;
  input: Readonly<Record<string, unknown>>;
  key?: string | undefined;
}>;

export type Answer = Readonly<{
  outcome: Outcome;
  status?: number;
  code?: string;
  body?: Readonly<Record<string, unknown>>;
}>;

const DEADLINE_MS = 5_000;

/** Refusals that hold as long as nothing else happens; the others may be asked again. */
const outcomeOfHttp = (httpStatus: number): Outcome => {
  if (httpStatus < 300) return 'ok';
  if (httpStatus === 503 || httpStatus === 504 || httpStatus === 429) return 'unavailable';
  return httpStatus >= 500 ? 'broken' : 'refused';
};

const outcomeOfGrpc = (code: number): Outcome => {
  const unavailable: readonly number[] = [status.UNAVAILABLE, status.DEADLINE_EXCEEDED];
  if (unavailable.includes(code)) return 'unavailable';
  const broken: readonly number[] = [status.INTERNAL, status.UNKNOWN, status.UNIMPLEMENTED, status.DATA_LOSS];
  return broken.includes(code) ? 'broken' : 'refused';
};

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const restRequest = ({ use, input }: Request): { method: string; path: string; body?: string } => {
  const [method = '', template = ''] = use.http.split(' ');
  const inPath = new Set<string>();
  const path = template.replaceAll(/:([A-Za-z]+)/g, (_, field: string) => {
    inPath.add(field);
    return encodeURIComponent(asText(input[field]));
  });
  const rest = Object.fromEntries(Object.entries(input).filter(([field]) => !inPath.has(field)));
  if (method !== 'GET') return { method, path, body: JSON.stringify(rest) };
  const asked = Object.entries(rest).map(([name, value]): [string, string] => [name, asText(value)]);
  const query = new URLSearchParams(asked).toString();
  return { method, path: query === '' ? path : `${path}?${query}` };
};

type Unary = (
  request: object,
  metadata: Metadata,
  options: { deadline: number },
  done: (error: ServiceError | null, answer: Record<string, unknown>) => void,
) => void;

const PACKAGE = (service: ServiceName): string => service.replaceAll('-', '_');
const SERVICE = (service: ServiceName): string =>
  `${service.replaceAll(/(^|-)([a-z])/g, (_, _dash, letter: string) => letter.toUpperCase())}Service`;

/** Calls one operation of one process over either wire, as a client would; never throws for what the answer is. */
export class Wires {
  private readonly clients = new Map<string, Client>();
  private readonly tokens = new Map<string, Promise<string>>();

  constructor(private readonly endpoints: Endpoints) {}

  async call(process: LabProcess, wire: Wire, request: Request): Promise<Answer> {
    const token = await this.token(request.role, request.organisationId);
    return wire === 'rest' ? this.rest(process, request, token) : this.grpc(process, request, token);
  }

  close(): void {
    this.clients.forEach((client) => client.close());
  }

  private token(role: Role, organisationId: string): Promise<string> {
    const own = `${role} ${organisationId}`;
    const known = this.tokens.get(own);
    if (known) return known;
    const isClientSide = ['sponsor', 'manager', 'learner', 'integration'].includes(role);
    const minted = tokenFor(this.endpoints, role, isClientSide ? { organisationId } : {});
    this.tokens.set(own, minted);
    return minted;
  }

  private async rest({ lines, service }: LabProcess, request: Request, token: string): Promise<Answer> {
    const { method, path, body } = restRequest(request);
    try {
      const response = await fetch(`http://127.0.0.1:${lines.http.port}/${service}/v1${path}`, {
        method,
        signal: AbortSignal.timeout(DEADLINE_MS),
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(request.key !== undefined && { 'idempotency-key': request.key }),
        },
        ...(body !== undefined && { body }),
      });
      const answer = (await response.json()) as Record<string, unknown>;
      const outcome = outcomeOfHttp(response.status);
      const code = answer['code'];
      return { outcome, status: response.status, ...(typeof code === 'string' && { code }), body: answer };
    } catch {
      return { outcome: 'unknown' }; // no answer, or half of one
    }
  }

  private grpc(process: LabProcess, request: Request, token: string): Promise<Answer> {
    const client = this.client(process);
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    const unary = (client as unknown as Record<string, Unary>)[request.rpc];
    if (!unary) throw new Error(`${process.service} has no rpc ${request.rpc}.`);
    const message = { ...request.input, requestId: request.key };
    return new Promise((resolve) =>
      unary.call(client, message, metadata, { deadline: Date.now() + DEADLINE_MS }, (error, body) => {
        if (!error) resolve({ outcome: 'ok', status: 0, body });
        // Only the service itself sends details; what grpc-js says of a broken connection has none.
        else if (error.metadata.get('grpc-status-details-bin').length === 0) resolve({ outcome: 'unknown' });
        else {
          const [code = ''] = error.details.split(':');
          resolve({ outcome: outcomeOfGrpc(error.code), status: error.code, code, body: { detail: error.details } });
        }
      }),
    );
  }

  private client({ name, service, lines }: LabProcess): Client {
    const known = this.clients.get(name);
    if (known) return known;
    const [pack, type] = [PACKAGE(service), SERVICE(service)];
    const contract = { service: `${pack}.v1.${type}`, protos: [`${pack}/v1/${pack}_service.proto`] };
    const loaded = loadPackageDefinition(loadContract(contract)) as unknown as Record<
      string,
      { v1: Record<string, ServiceClientConstructor> }
    >;
    const Constructor = loaded[pack]?.v1[type];
    if (!Constructor) throw new Error(`The proto files have no ${contract.service}.`);
    const client = new Constructor(`127.0.0.1:${lines.grpc.port}`, credentials.createInsecure(), {
      // A client that waits two minutes after a fault would not be there when things are well again.
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1_000,
    });
    this.clients.set(name, client);
    return client;
  }
}
