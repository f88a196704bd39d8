import { randomUUID } from 'node:crypto';
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { bothWires, testIssuer, type TestIssuer } from './testing';
import { ListTrees } from './testing/sample/sample';
import { startSample } from './testing/sample/start-sample';

const organisationId = randomUUID();
let issuer: TestIssuer;
let sample: Awaited<ReturnType<typeof startSample>>;
let wires: ReturnType<typeof bothWires>;

beforeAll(async () => {
  issuer = await testIssuer();
  sample = await startSample(issuer);
  wires = bothWires(sample.service);
});

afterAll(async () => {
  wires.close();
  await sample.service.stop();
  await issuer.stop();
});

const now = () => Math.floor(Date.now() / 1000);
// Made when the test runs, so that times are of that moment.
const withClaims = (claims: () => Record<string, unknown>) => () =>
  issuer.token('manager', organisationId, { claims: claims() });

const signedBy = async (alg: string, key: TestIssuer['publicKey'] | Uint8Array): Promise<string> =>
  new SignJWT({
    iss: issuer.config.AUTH_ISSUER,
    aud: 'oppi',
    sub: randomUUID(),
    jti: randomUUID(),
    client_id: 'tests',
    iat: now(),
    exp: now() + 600,
    role: 'manager',
    organisation_id: organisationId,
  })
    .setProtectedHeader({ alg, typ: 'at+jwt', kid: issuer.kid })
    .sign(key);

const unsigned = async (): Promise<string> => {
  const [, payload] = (await issuer.token('manager', organisationId)).split('.');
  const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt', kid: issuer.kid })).toString('base64url');
  return `${header}.${payload ?? ''}.`;
};

const bad: [string, () => Promise<string>][] = [
  ['no exp', withClaims(() => ({ exp: undefined }))],
  ['no iat', withClaims(() => ({ iat: undefined }))],
  ['no sub', withClaims(() => ({ sub: undefined }))],
  ['no jti', withClaims(() => ({ jti: undefined }))],
  ['no client_id', withClaims(() => ({ client_id: undefined }))],
  ['expired for more than the tolerance', withClaims(() => ({ iat: now() - 600, exp: now() - 40 }))],
  ['a lifetime of ten years', withClaims(() => ({ exp: now() + 315_360_000 }))],
  ['a lifetime of an hour and a second', withClaims(() => ({ iat: now(), exp: now() + 3_602 }))],
  ['issued tomorrow', withClaims(() => ({ iat: now() + 86_400, exp: now() + 87_000, nbf: now() + 86_400 }))],
  ['another issuer', withClaims(() => ({ iss: 'https://elsewhere.example' }))],
  ['an issuer with a slash more', withClaims(() => ({ iss: `${issuer.config.AUTH_ISSUER}/` }))],
  ['another audience', withClaims(() => ({ aud: 'billing-machine' }))],
  ['two audiences', withClaims(() => ({ aud: ['oppi', 'elsewhere'] }))],
  ['the role of a worker, which has no token (AUTH-33)', withClaims(() => ({ role: 'reaction' }))],
  ['a role nobody knows', withClaims(() => ({ role: 'root' }))],
  ['a subject that is no id', withClaims(() => ({ sub: 'matti@example.com' }))],
  ['no organisation', withClaims(() => ({ organisation_id: undefined }))],
  ['the type of an id token', () => issuer.token('manager', organisationId, { header: { typ: 'JWT' } })],
  ['no key id', () => issuer.token('manager', organisationId, { header: { kid: undefined } as object })],
  ['an unknown key id', () => issuer.token('manager', organisationId, { header: { kid: 'other' } })],
  ['no signature', unsigned],
  [
    'an HMAC made with the public key',
    async () => signedBy('HS256', new TextEncoder().encode(await exportSPKI(issuer.publicKey))),
  ],
  ['a signature by another key', async () => signedBy('ES256', (await generateKeyPair('ES256')).privateKey)],
  ['no token at all', async () => 'nonsense'],
];

describe.each(['http', 'grpc'] as const)('a token over %s', (name) => {
  const call = (token?: string) =>
    wires[name].call(ListTrees, { organisationId }, token === undefined ? {} : { token });
  const unauthenticated = { problem: 'unauthenticated', status: { http: 401, grpc: 16 }[name] };

  it.each(bad)('with %s is refused (AUTH-01, AUTH-02)', async (_, make) => {
    await expect(call(await make())).rejects.toMatchObject({ ...unauthenticated, violations: [] });
  });

  it('may be absent nowhere', async () => {
    await expect(call()).rejects.toMatchObject(unauthenticated);
  });

  it.each([
    ['as it should be', withClaims(() => ({}))],
    ['expired within the tolerance', withClaims(() => ({ iat: now() - 600, exp: now() - 5 }))],
    ['for an hour', withClaims(() => ({ iat: now() - 10, exp: now() + 3_590 }))],
    ['with an audience in a list', withClaims(() => ({ aud: ['oppi'] }))],
  ])('%s is accepted', async (_, make) => {
    await expect(call(await make())).resolves.toEqual({ treeIds: [] });
  });

  it('leaves its outcome in the log, and neither itself nor the subject (AUTH-11)', async () => {
    const before = sample.lines.length;
    const actorId = randomUUID();
    const good = await issuer.token('manager', organisationId, { actorId });
    const expired = await issuer.token('manager', organisationId, {
      actorId,
      claims: { iat: now() - 99, exp: now() - 60 },
    });
    await call(good);
    await expect(call(expired)).rejects.toMatchObject(unauthenticated);
    const lines = sample.lines.slice(before).filter(({ msg }) => msg === 'access token');
    expect(lines.map(({ level, outcome, reason }) => [level, outcome, reason])).toEqual([
      ['info', 'accepted', ''],
      ['info', 'rejected', 'ERR_JWT_EXPIRED exp'],
    ]);
    for (const line of lines) expect(line).toMatchObject({ client_id: 'tests', jti: expect.any(String) as string });
    expect(new Set(lines.map((line) => line['subject_hash'])).size).toBe(1);
    for (const hidden of [actorId, good, expired]) expect(JSON.stringify(sample.lines)).not.toContain(hidden);
  });
});

it.each([
  ['no token', undefined],
  ['malformed', 'Basic b3BwaTpvcHBp'],
  ['malformed', 'Bearer a.b'],
])('AUTH-11: the log says %s of what is none', async (reason, authorization) => {
  const before = sample.lines.length;
  const headers = authorization === undefined ? {} : { authorization };
  await fetch(`${sample.url}/sample/v1/organisations/${organisationId}/trees`, { headers: headers as never });
  const lines = sample.lines.slice(before).filter(({ msg }) => msg === 'access token');
  expect(lines).toMatchObject([{ level: 'info', outcome: 'rejected', reason }]);
});

it('AUTH-11: the log says whose token was refused for its claims, when the signature was good', async () => {
  const before = sample.lines.length;
  const bad = [{ role: 'root' }, { aud: ['oppi', 'elsewhere'] }, { exp: now() + 9_999 }, { sub: 'nobody' }];
  for (const claims of bad) {
    const token = await issuer.token('manager', organisationId, { claims: { jti: 'jti-of-it', ...claims } });
    await expect(wires.http.call(ListTrees, { organisationId }, { token })).rejects.toThrow();
  }
  const lines = sample.lines.slice(before).filter(({ msg }) => msg === 'access token');
  expect(lines.map(({ reason }) => reason)).toEqual([
    'claim role',
    'more than one audience',
    'lifetime too long',
    'claim sub',
  ]);
  for (const line of lines)
    expect(line).toMatchObject({ jti: 'jti-of-it', client_id: 'tests', subject_hash: expect.any(String) as string });
});

describe('a token over http', () => {
  it('counts in the header only (AUTH-10), and the refusal says how to do it', async () => {
    const token = await issuer.token('manager', organisationId);
    const response = await fetch(
      `${sample.url}/sample/v1/organisations/${organisationId}/trees?access_token=${token}`,
      {
        headers: { cookie: `access_token=${token}; authorization=Bearer ${token}` },
      },
    );
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  });
});

describe('an issuer that does not answer', () => {
  it('is asked no more than it must be by tokens of unknown keys', async () => {
    const before = issuer.fetches();
    const tokens = await Promise.all(
      Array.from({ length: 50 }, () => issuer.token('manager', organisationId, { header: { kid: randomUUID() } })),
    );
    for (const token of tokens)
      await expect(wires.http.call(ListTrees, { organisationId }, { token })).rejects.toThrow();
    expect(issuer.fetches() - before).toBe(0);
  });

  it('makes the service unavailable while no key was ever had, not open and not 401 (AUTH-06)', async () => {
    const silent = await testIssuer();
    silent.down();
    const cold = await startSample(silent);
    const both = bothWires(cold.service);
    const token = await silent.token('manager', organisationId);
    for (const [wire, status] of [
      [both.http, 503],
      [both.grpc, 14],
    ] as const)
      await expect(wire.call(ListTrees, { organisationId }, { token })).rejects.toMatchObject({
        problem: 'auth-keys-unavailable',
        status,
      });
    const ready = await fetch(`${cold.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'not ready', missing: ['auth-keys'] }]);
    both.close();
    await cold.service.stop();
    await silent.stop();
  });
});

describe.each(['staging', 'production'] as const)(
  'DEV-05: a token of an issuer on somebody’s own machine',
  (APP_ENV) => {
    it(`opens no service in ${APP_ENV}`, async () => {
      const own = await testIssuer();
      const real = await startSample(issuer, {}, { APP_ENV });
      const both = bothWires(real.service);
      const token = await own.token('operations', organisationId);
      const posing = await own.token('operations', organisationId, { claims: { iss: issuer.config.AUTH_ISSUER } });
      for (const [wire, status] of [
        [both.http, 401],
        [both.grpc, 16],
      ] as const)
        for (const each of [token, posing])
          await expect(wire.call(ListTrees, { organisationId }, { token: each })).rejects.toMatchObject({ status });
      expect(own.fetches()).toBe(0);
      both.close();
      await real.service.stop();
      await own.stop();
    });
  },
);
