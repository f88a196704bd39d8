import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { fixedUuid, isProviderSide, isRole, PROVIDER_ID, ROLES } from '../roles';
import { MachineClients } from './machine-clients';
import { requireLocal, requireLoopback } from './only-here';
import { Refused, uuidOf } from './refused';
import { makeSigningKey, type SigningKey, type Subject } from './signing';

const PERSONS_TOKEN_S = 3_600;
const MACHINES_TOKEN_S = 600;
const MAX_REQUEST_BYTES = 4_096;

/** A running issuer. */
export type Issuer = Readonly<{ url: string; close: () => Promise<void> }>;

export type IssuerOptions = Readonly<{
  port: number;
  /** Loopback only; 127.0.0.1 when absent. */
  address?: string;
  /** Organisation of the client's side unless another is asked for. */
  defaultOrganisationId: string;
  appEnv: string | undefined;
}>;

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > MAX_REQUEST_BYTES) throw new Refused('The request is too large.');
  }
  return body;
};

const jsonOf = async (request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> =>
  Object(JSON.parse(await bodyOf(request))) as Readonly<Record<string, unknown>>;

/** Whoever is asked for: the actor of a role is always the same person unless `sub` says otherwise. */
const wished = (
  { role, organisationId, sub }: Readonly<Record<string, unknown>>,
  defaultOrganisationId: string,
): Subject => {
  if (!isRole(role)) throw new Refused(`role must be one of ${ROLES.join(', ')}.`);
  const home = organisationId ?? (isProviderSide(role) ? PROVIDER_ID : defaultOrganisationId);
  return {
    role,
    organisationId: uuidOf('organisationId', home),
    sub: uuidOf('sub', sub ?? fixedUuid(`actor ${role}`)),
  };
};

const send = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
};

type Answer = (request: IncomingMessage) => Promise<object>;

const routes = (url: string, key: SigningKey, organisationId: string): Readonly<Record<string, Answer>> => {
  const machines = new MachineClients(url, organisationId);
  const grant = async (subject: Subject, clientId: string, lifetimeS: number): Promise<object> => {
    const token = await key.sign(subject, { issuer: url, clientId, lifetimeS });
    return { access_token: token, token_type: 'Bearer', expires_in: lifetimeS };
  };
  return {
    'GET /jwks': () => Promise.resolve({ keys: [key.publicJwk] }),
    'GET /.well-known/openid-configuration': () => Promise.resolve(metadataOf(url)),
    // The developer's short cut: a token of any role, and nobody is asked who they are.
    'POST /mint': async (request) =>
      grant(wished(await jsonOf(request), organisationId), 'oppi-local', PERSONS_TOKEN_S),
    // As a program does it everywhere: registered once, then a signature for each token.
    'POST /clients': async (request) => machines.register(await jsonOf(request)),
    'POST /token': async (request) => {
      if (request.headers.authorization !== undefined) throw new Refused('No shared secrets.', 'invalid_client', 401);
      const subject = await machines.authenticate(new URLSearchParams(await bodyOf(request)));
      return grant(subject, subject.sub, MACHINES_TOKEN_S);
    },
  };
};

const metadataOf = (url: string): object => ({
  issuer: url,
  jwks_uri: `${url}/jwks`,
  token_endpoint: `${url}/token`,
  grant_types_supported: ['client_credentials'],
  token_endpoint_auth_methods_supported: ['private_key_jwt'],
  token_endpoint_auth_signing_alg_values_supported: ['ES256', 'PS256', 'EdDSA'],
});

const answer = async (
  answers: Readonly<Record<string, Answer>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const route = answers[`${request.method} ${request.url}`];
  if (!route) {
    send(response, 404, { error: 'not_found' });
    return;
  }
  try {
    send(response, 200, await route(request));
  } catch (error) {
    const refused = error instanceof SyntaxError ? new Refused('This is no JSON.') : error;
    if (!(refused instanceof Refused)) throw error;
    send(response, refused.status, { error: refused.error, error_description: refused.message });
  }
};

const listen = (server: Server, port: number, address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });

/**
 * Starts an issuer of access tokens for this machine alone. It asks nobody who they are, so it listens on loopback only and
 * does not start unless `APP_ENV` is `local`; its key lives in memory and ends with it.
 */
export const startIssuer = async (options: IssuerOptions): Promise<Issuer> => {
  const { port, address = '127.0.0.1', defaultOrganisationId, appEnv } = options;
  requireLocal(appEnv);
  requireLoopback(address);
  const host = `${address.includes(':') ? `[${address}]` : address}:${port}`;
  const url = `http://${host}`;
  const answers = routes(url, await makeSigningKey(), defaultOrganisationId);
  const server = createServer((request, response) => {
    // A page in a browser can reach loopback under a host name of its own (DNS rebinding); it must get no token.
    if (request.headers.host !== host) return send(response, 421, { error: 'misdirected_request' });
    answer(answers, request, response).catch(() => response.destroy());
  });
  await listen(server, port, address);
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
