import { randomUUID } from 'node:crypto';
import { freePort } from '@oppi/local-postgres';
import {
  calculateJwkThumbprint,
  createRemoteJWKSet,
  exportJWK,
  generateKeyPair,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose';
import { DEMO_ORGANISATION_ID, fixedUuid, PROVIDER_ID } from '../roles';
import { type Issuer, startIssuer } from './issuer';
import { AUDIENCE } from './signing';

type Key = Awaited<ReturnType<typeof generateKeyPair>>;
const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const now = (): number => Math.floor(Date.now() / 1_000);

let issuer: Issuer;
let key: Key;
beforeAll(async () => {
  const about = { defaultOrganisationId: DEMO_ORGANISATION_ID, appEnv: 'local' };
  issuer = await startIssuer({ port: await freePort(), ...about });
  key = await generateKeyPair('ES256', { extractable: true });
});
afterAll(() => issuer.close());

const post = async (path: string, body: string | URLSearchParams, headers: Record<string, string> = {}) => {
  const response = await fetch(`${issuer.url}${path}`, { method: 'POST', body, headers });
  return { status: response.status, answer: (await response.json()) as Record<string, string | number> };
};

const jwkOf = async (from: Key['publicKey']) => {
  const jwk = await exportJWK(from);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk) };
};

const register = async (about: object, keys: Key[] = [key]): Promise<string> => {
  const jwks = { keys: await Promise.all(keys.map(({ publicKey }) => jwkOf(publicKey))) };
  const { answer } = await post('/clients', JSON.stringify({ jwks, ...about }));
  return String(answer['client_id']);
};

const assertion = async (clientId: string, claims: JWTPayload = {}, signedBy = key): Promise<string> =>
  new SignJWT({
    iss: clientId,
    sub: clientId,
    aud: issuer.url,
    jti: randomUUID(),
    iat: now(),
    exp: now() + 50,
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256', kid: (await jwkOf(signedBy.publicKey)).kid })
    .sign(signedBy.privateKey);

const ask = async (signed: string, more: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  post(
    '/token',
    new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: TYPE,
      client_assertion: signed,
      ...more,
    }),
    headers,
  );

const invalidClient = { status: 401, answer: { error: 'invalid_client' } };

describe('a program at the local issuer', () => {
  it.each([
    ['integration', undefined, DEMO_ORGANISATION_ID],
    ['integration', fixedUuid('another'), fixedUuid('another')],
    ['billing', undefined, PROVIDER_ID],
    ['billing', fixedUuid('another'), PROVIDER_ID],
  ] as const)(
    'AUTH-20, AUTH-22: %s of %s gets a token of its role and its one organisation, for a signature',
    async (role, organisationId, home) => {
      const clientId = await register({ role, organisationId });
      const elsewhere = { organisation_id: fixedUuid('elsewhere'), role: 'operations', scope: 'operations' };
      const { status, answer } = await ask(await assertion(clientId), elsewhere);
      expect([status, answer['token_type'], answer['expires_in']]).toEqual([200, 'Bearer', 600]);
      const keys = createRemoteJWKSet(new URL(`${issuer.url}/jwks`));
      const options = { issuer: issuer.url, audience: AUDIENCE, typ: 'at+jwt' };
      const { payload } = await jwtVerify(String(answer['access_token']), keys, options);
      expect(payload).toMatchObject({ role, organisation_id: home, client_id: clientId, sub: clientId });
      expect(Number(payload.exp) - Number(payload.iat)).toBe(600);
      expect(payload['clients']).toBe(role === 'billing' ? '*' : undefined);
    },
  );

  it('AUTH-20: may have two keys at once, so that one can follow the other', async () => {
    const next = await generateKeyPair('ES256', { extractable: true });
    const clientId = await register({ role: 'integration' }, [key, next]);
    for (const each of [key, next])
      expect(await ask(await assertion(clientId, {}, each))).toMatchObject({ status: 200 });
  });

  it('AUTH-20: is not told by a shared secret, however it is brought', async () => {
    const clientId = await register({ role: 'integration' });
    const form = { grant_type: 'client_credentials', client_id: clientId };
    const basic = { authorization: `Basic ${Buffer.from(`${clientId}:secret`).toString('base64')}` };
    const bySecret = new URLSearchParams({ ...form, client_secret: 'secret' });
    expect(await post('/token', bySecret)).toMatchObject(invalidClient);
    expect(await post('/token', new URLSearchParams(form), basic)).toMatchObject(invalidClient);
    expect(await ask(await assertion(clientId), { client_secret: 'secret' })).toMatchObject(invalidClient);
    expect(await ask(await assertion(clientId), {}, basic)).toMatchObject(invalidClient);
    const hmac = await new SignJWT({
      iss: clientId,
      sub: clientId,
      aud: issuer.url,
      jti: randomUUID(),
      exp: now() + 50,
    })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode('secret'.repeat(8)));
    expect(await ask(hmac)).toMatchObject(invalidClient);
  });

  it.each<[string, () => JWTPayload]>([
    ['a list with the issuer in it', () => ({ aud: [issuer.url] })],
    ['the address of tokens', () => ({ aud: `${issuer.url}/token` })],
    ['the issuer with a slash more', () => ({ aud: `${issuer.url}/` })],
    ['another issuer', () => ({ aud: 'https://id.example' })],
    ['nobody', () => ({ aud: undefined }) as unknown as JWTPayload],
  ])('AUTH-21: does not get one for an assertion that is meant for %s', async (_, claims) => {
    const clientId = await register({ role: 'integration' });
    expect(await ask(await assertion(clientId, claims()))).toMatchObject(invalidClient);
  });

  it('AUTH-21: shows an assertion once, and one that ends within a minute', async () => {
    const clientId = await register({ role: 'integration' });
    const once = await assertion(clientId);
    expect(await ask(once)).toMatchObject({ status: 200 });
    expect(await ask(once)).toMatchObject(invalidClient);
    const jti = randomUUID();
    expect(await ask(await assertion(clientId, { jti }))).toMatchObject({ status: 200 });
    expect(await ask(await assertion(clientId, { jti, iat: now() - 1 }))).toMatchObject(invalidClient);
    for (const claims of [{ exp: now() + 70 }, { exp: now() - 5 }, { exp: undefined }, { jti: undefined }])
      expect(await ask(await assertion(clientId, claims as JWTPayload))).toMatchObject(invalidClient);
  });

  it('AUTH-20: gets none in the name of another program, or by a key that is not its own', async () => {
    const [one, other] = [await register({ role: 'integration' }), await register({ role: 'billing' })];
    const stranger = await generateKeyPair('ES256');
    for (const signed of [
      await assertion(one, {}, stranger),
      await assertion(one, { sub: other }),
      await assertion(randomUUID()),
      'nonsense',
    ])
      expect(await ask(signed)).toMatchObject(invalidClient);
    expect(await ask(await assertion(one), { client_id: other })).toMatchObject(invalidClient);
  });

  it('AUTH-20: gets tokens by no other grant', async () => {
    const clientId = await register({ role: 'integration' });
    for (const grant_type of ['password', 'authorization_code', ''])
      expect(await ask(await assertion(clientId), { grant_type })).toMatchObject({
        status: 400,
        answer: { error: 'unsupported_grant_type' },
      });
  });

  it('AUTH-20: registers for a role of programs, with public keys', async () => {
    const { publicKey, privateKey } = key;
    const good = { role: 'integration', jwks: { keys: [await jwkOf(publicKey)] } };
    for (const bad of [
      { role: 'operations' },
      { organisationId: 'acme' },
      { jwks: undefined },
      { jwks: { keys: [] } },
      { jwks: { keys: [await exportJWK(publicKey)] } },
      { jwks: { keys: [await jwkOf(privateKey)] } },
      { jwks: { keys: [{ kty: 'oct', kid: 'one', k: 'c2VjcmV0' }] } },
      { jwks: { keys: Array.from({ length: 3 }, () => good.jwks.keys[0]) } },
    ])
      expect(await post('/clients', JSON.stringify({ ...good, ...bad }))).toMatchObject({ status: 400 });
    expect(await post('/clients', JSON.stringify(good))).toMatchObject({ status: 200 });
  });
});
