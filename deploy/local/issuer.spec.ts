import { request } from 'node:http';
import { freePort } from '@oppi/local-postgres';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { AUDIENCE, startIssuer, type Issuer } from './issuer';
import { DEMO_ORGANISATION_ID, fixedUuid, PROVIDER_ID } from './roles';
import { tokenFor } from './tokens';

describe('the local issuer', () => {
  let issuer: Issuer;

  beforeAll(async () => {
    issuer = await startIssuer(await freePort(), DEMO_ORGANISATION_ID, 'local');
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
    const noObject = await fetch(`${issuer.url}/token`, { method: 'POST', body: 'null' });
    expect(noObject.status).toBe(400);
  });

  it('answers only to its own name, so that no page in a browser gets a token', async () => {
    const status = await new Promise((resolve) => {
      const call = request(
        `${issuer.url}/token`,
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

  it.each(['production', 'staging', 'test', undefined])('does not start with APP_ENV %s', async (appEnv) => {
    await expect(startIssuer(0, DEMO_ORGANISATION_ID, appEnv)).rejects.toThrow('only with APP_ENV=local');
  });
});
