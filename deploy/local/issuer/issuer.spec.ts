import { request } from 'node:http';
import { freePort, isPortFree } from '@oppi/local-postgres';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { DEMO_ORGANISATION_ID, fixedUuid, PROVIDER_ID } from '../roles';
import { tokenFor } from '../tokens';
import { startIssuer, type Issuer } from './issuer';
import { AUDIENCE } from './signing';

const start = async (more: { address?: string; appEnv?: string | undefined } = {}): Promise<Issuer> =>
  startIssuer({ port: await freePort(), defaultOrganisationId: DEMO_ORGANISATION_ID, appEnv: 'local', ...more });

describe('the local issuer', () => {
  let issuer: Issuer;

  beforeAll(async () => {
    issuer = await start();
  });
  afterAll(() => issuer.close());

  const claimsOf = async (token: string): Promise<Record<string, unknown>> => {
    const keys = createRemoteJWKSet(new URL(`${issuer.url}/jwks`));
    const options = { issuer: issuer.url, audience: AUDIENCE, typ: 'at+jwt', algorithms: ['ES256'] };
    return (await jwtVerify(token, keys, options)).payload;
  };

  it('mints tokens of the provider side for every client', async () => {
    const claims = await claimsOf(await tokenFor({ issuer: issuer.url }, 'operations'));
    expect(claims).toMatchObject({
      role: 'operations',
      organisation_id: PROVIDER_ID,
      clients: '*',
      sub: fixedUuid('actor operations'),
    });
  });

  it('mints tokens of the client side for one organisation', async () => {
    const organisationId = fixedUuid('another');
    const claims = await claimsOf(await tokenFor({ issuer: issuer.url }, 'manager', { organisationId }));
    expect(claims).toMatchObject({ role: 'manager', organisation_id: organisationId });
    expect(claims).not.toHaveProperty('clients');
    const unnamed = await claimsOf(await tokenFor({ issuer: issuer.url }, 'manager'));
    expect(unnamed).toMatchObject({ organisation_id: DEMO_ORGANISATION_ID });
  });

  it('gives all that a service asks for: key id, token id, client and a lifetime of an hour at most', async () => {
    const token = await tokenFor({ issuer: issuer.url }, 'verifier');
    const { jti, client_id: clientId, iat, exp } = await claimsOf(token);
    expect(decodeProtectedHeader(token).kid).toEqual(expect.any(String));
    expect([jti, clientId]).toEqual([expect.any(String), expect.any(String)]);
    expect(Number(exp) - Number(iat)).toBeLessThanOrEqual(3_600);
  });

  it('refuses a role that does not exist, and ids that are none', async () => {
    const asked = { issuer: issuer.url };
    await expect(tokenFor(asked, 'owner' as 'operations')).rejects.toThrow('role must be one of operations');
    await expect(tokenFor(asked, 'learner', { sub: 'me' })).rejects.toThrow('sub must be a UUID');
    await expect(tokenFor(asked, 'learner', { organisationId: '1' })).rejects.toThrow('organisationId must be a UUID');
    const noObject = await fetch(`${issuer.url}/mint`, { method: 'POST', body: 'null' });
    expect(noObject.status).toBe(400);
  });

  it('answers only to its own name, so that no page in a browser gets a token', async () => {
    const status = await new Promise((resolve) => {
      const call = request(
        `${issuer.url}/mint`,
        { method: 'POST', headers: { host: 'attacker.example' } },
        (answer) => {
          resolve(answer.statusCode);
          answer.resume();
        },
      );
      call.end(JSON.stringify({ role: 'operations' }));
    });
    expect(status).toBe(421);
  });

  it('DEV-01: makes its key at the start and keeps it to itself: another start has another', async () => {
    const token = await tokenFor({ issuer: issuer.url }, 'operations');
    const again = await start();
    const keys = createRemoteJWKSet(new URL(`${again.url}/jwks`));
    await expect(jwtVerify(token, keys)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
    const jwks = (await (await fetch(`${again.url}/jwks`)).json()) as { keys: object[] };
    expect(jwks.keys.map((key) => Object.keys(key).sort())).toEqual([['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']]);
    await again.close();
  });

  it.each(['production', 'staging', 'test', 'Local', '', undefined])(
    'DEV-02: does not start with APP_ENV %s, and opens no port',
    async (appEnv) => {
      const port = await freePort();
      const refused = startIssuer({ port, defaultOrganisationId: DEMO_ORGANISATION_ID, appEnv });
      await expect(refused).rejects.toMatchObject({
        exitCode: 78,
        message: expect.stringContaining('only with APP_ENV=local') as string,
      });
      expect(await isPortFree(port)).toBe(true);
    },
  );

  it.each(['0.0.0.0', '::', '192.168.1.7', '128.0.0.1', 'localhost', '::ffff:10.0.0.1', '', '127.0.0.1.example'])(
    'DEV-02: does not listen on %s',
    async (address) => {
      await expect(start({ address })).rejects.toMatchObject({
        exitCode: 78,
        message: expect.stringContaining('loopback address only') as string,
      });
    },
  );

  it('DEV-02: listens on any loopback address', async () => {
    for (const address of ['127.0.0.1', '127.0.0.2']) {
      const here = await start({ address });
      expect((await fetch(`${here.url}/jwks`)).status).toBe(200);
      await here.close();
    }
  });
});
