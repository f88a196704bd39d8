import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';
import type { Caller, Role } from '../caller';

export type TokenMore = Readonly<{
  actorId?: string;
  clients?: Caller['clients'];
  /** Claims that replace those of a good token; `undefined` leaves one out. */
  claims?: Readonly<Record<string, unknown>>;
  header?: Partial<JWTHeaderParameters>;
}>;

const AUDIENCE = 'oppi';

/**
 * An issuer of access tokens on this machine, with keys of its own made at the start. `config` goes into a service's
 * configuration; `down()` makes its key endpoint answer 500, `up()` the keys again.
 */
export const testIssuer = async () => {
  const kid = randomUUID();
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const keys: { keys: JWK[] } = { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' }] };
  let signing = { kid, privateKey };
  let answers = true;
  let fetches = 0;
  const server = createServer((_request, response) => {
    fetches += 1;
    response.writeHead(answers ? 200 : 500, { 'content-type': 'application/json' }).end(JSON.stringify(keys));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  /** A good token for a role in its home organisation, valid for ten minutes. */
  const token = (role: Role, organisationId: string, more: TokenMore = {}): Promise<string> => {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      aud: AUDIENCE,
      sub: more.actorId ?? randomUUID(),
      jti: randomUUID(),
      client_id: 'tests',
      iat: now,
      exp: now + 600,
      role,
      organisation_id: organisationId,
      ...(more.clients === undefined ? {} : { clients: more.clients }),
      ...more.claims,
    };
    const header = { alg: 'ES256', typ: 'at+jwt', kid: signing.kid, ...more.header };
    return new SignJWT(claims).setProtectedHeader(header).sign(signing.privateKey);
  };

  return {
    config: { AUTH_ISSUER: issuer, AUTH_JWKS_URL: `${issuer}/jwks`, AUTH_AUDIENCE: AUDIENCE },
    kid,
    publicKey,
    publicJwk: () => exportJWK(publicKey),
    token,
    /** Publishes one more key beside those there are; `use` signs with it from then on, `retireOthers` leaves it alone. */
    nextKey: async () => {
      const next = await generateKeyPair('ES256');
      const jwk = { ...(await exportJWK(next.publicKey)), kid: randomUUID(), alg: 'ES256', use: 'sig' };
      keys.keys.push(jwk);
      return {
        use: () => {
          signing = { kid: jwk.kid, privateKey: next.privateKey };
        },
        retireOthers: () => {
          keys.keys = [jwk];
        },
      };
    },
    /** How often the keys were asked for. */
    fetches: () => fetches,
    /** Answers with something that is no set of keys. */
    babble: () => {
      keys.keys = [{ kid: 'nonsense' }];
    },
    down: () => {
      answers = false;
    },
    up: () => {
      answers = true;
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

export type TestIssuer = Awaited<ReturnType<typeof testIssuer>>;
