import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { fixedUuid, isProviderSide, isRole, PROVIDER_ID, ROLES, type Role } from './roles';

/** What every service here accepts a token for. */
export const AUDIENCE = 'oppi';

const LIFETIME_S = 3_600;
const MAX_REQUEST_BYTES = 4_096;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What to put into a token. `sub` is the actor; the same for a role unless given. */
type TokenRequest = Readonly<{ role: Role; organisationId: string; sub: string }>;

/** A running issuer. */
export type Issuer = Readonly<{ url: string; close: () => Promise<void> }>;

class Refused extends Error {}

const parseRequest = (body: string, defaultOrganisationId: string): TokenRequest => {
  const input = Object(JSON.parse(body)) as Readonly<Record<string, unknown>>;
  const { role, organisationId, sub } = input;
  if (!isRole(role)) throw new Refused(`role must be one of ${ROLES.join(', ')}.`);
  const ids = { organisationId: organisationId ?? (isProviderSide(role) ? PROVIDER_ID : defaultOrganisationId) };
  const request = { role, ...ids, sub: sub ?? fixedUuid(`actor ${role}`) };
  const isUuid = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);
  if (!isUuid(request.organisationId)) throw new Refused('organisationId must be a UUID in lower case.');
  if (!isUuid(request.sub)) throw new Refused('sub must be a UUID in lower case.');
  return { role, organisationId: request.organisationId, sub: request.sub };
};

const mint = (key: CryptoKey, kid: string, issuer: string, request: TokenRequest): Promise<string> => {
  const clients = isProviderSide(request.role) ? { clients: '*' } : {};
  return new SignJWT({
    role: request.role,
    organisation_id: request.organisationId,
    client_id: 'oppi-local',
    ...clients,
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
    .setIssuer(issuer)
    .setAudience(AUDIENCE)
    .setSubject(request.sub)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime(`${LIFETIME_S}s`)
    .sign(key);
};

const readBody = async (request: IncomingMessage): Promise<string> => {
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > MAX_REQUEST_BYTES) throw new Refused('The request is too large.');
  }
  return body;
};

const send = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
};

type Answer = (request: IncomingMessage) => Promise<object>;

const routes = (url: string, jwk: JWK, token: Answer): Readonly<Record<string, Answer>> => ({
  'GET /jwks': () => Promise.resolve({ keys: [jwk] }),
  'GET /.well-known/openid-configuration': () => Promise.resolve({ issuer: url, jwks_uri: `${url}/jwks` }),
  'POST /token': token,
});

const answer = async (
  answers: Readonly<Record<string, Answer>>,
  request: IncomingMessage,
  response: ServerResponse,
) => {
  const route = answers[`${request.method} ${request.url}`];
  if (!route) {
    send(response, 404, { error: 'not_found' });
    return;
  }
  try {
    send(response, 200, await route(request));
  } catch (error) {
    if (!(error instanceof Refused) && !(error instanceof SyntaxError)) throw error;
    send(response, 400, { error: 'invalid_request', error_description: error.message });
  }
};

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });

/**
 * Starts an issuer of access tokens for this machine alone. It asks nobody who they are, so it listens on loopback only and
 * does not start unless `APP_ENV` is `local`; its key lives in memory and ends with it.
 */
export const startIssuer = async (
  port: number,
  defaultOrganisationId: string,
  appEnv: string | undefined,
): Promise<Issuer> => {
  if (appEnv !== 'local') throw new Error('The local issuer starts only with APP_ENV=local.');
  const url = `http://127.0.0.1:${port}`;
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  const token: Answer = async (request) => {
    const asked = parseRequest(await readBody(request), defaultOrganisationId);
    return { access_token: await mint(privateKey, kid, url, asked), token_type: 'Bearer', expires_in: LIFETIME_S };
  };
  const answers = routes(url, { ...jwk, kid, alg: 'ES256', use: 'sig' }, token);
  const server = createServer((request, response) => {
    // A page in a browser can reach loopback under a host name of its own (DNS rebinding); it must get no token.
    if (request.headers.host !== `127.0.0.1:${port}`) return send(response, 421, { error: 'misdirected_request' });
    answer(answers, request, response).catch(() => response.destroy());
  });
  await listen(server, port);
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
