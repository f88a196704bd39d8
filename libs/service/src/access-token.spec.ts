import { randomUUID } from 'node:crypto';
import { AccessTokens } from './access-token';
import { openLog } from './log';
import { testIssuer, type TestIssuer } from './testing/issuer';

const MINUTE_MS = 60_000;
const silent = openLog('sample', 'silent');
const organisationId = randomUUID();
let issuer: TestIssuer;

beforeEach(async () => {
  issuer = await testIssuer();
});
afterEach(async () => {
  jest.useRealTimers();
  await issuer.stop();
});

const after = (ms: number): void => {
  const now = Date.now() + ms;
  jest.useRealTimers();
  jest.useFakeTimers({
    now,
    doNotFake: [
      'nextTick',
      'setImmediate',
      'setInterval',
      'setTimeout',
      'clearTimeout',
      'queueMicrotask',
      'performance',
      'hrtime',
    ],
  });
};

const check = async (tokens: AccessTokens): Promise<string> =>
  (await tokens.callerOf(`Bearer ${await issuer.token('coach', organisationId)}`)).role;

describe('keys of an issuer that stopped answering (AUTH-06)', () => {
  it('serve on, and the issuer is asked again every 30 s only', async () => {
    const tokens = new AccessTokens(issuer.config, silent);
    await expect(check(tokens)).resolves.toBe('coach');
    issuer.down();
    after(11 * MINUTE_MS);
    const before = issuer.fetches();
    for (let call = 0; call < 5; call += 1) await expect(check(tokens)).resolves.toBe('coach');
    expect(issuer.fetches() - before).toBe(1);
    after(MINUTE_MS);
    await check(tokens);
    expect(issuer.fetches() - before).toBe(2);
    expect(tokens.metrics()['auth_jwks_stale_seconds']).toBeGreaterThanOrEqual(60);
  });

  it('serve for a day, and then no token can be checked', async () => {
    const tokens = new AccessTokens(issuer.config, silent);
    await check(tokens);
    issuer.down();
    after(11 * MINUTE_MS);
    await check(tokens);
    after(25 * 60 * MINUTE_MS);
    await expect(check(tokens)).rejects.toMatchObject({ kind: 'unavailable', code: 'auth-keys-unavailable' });
  });

  it('are no longer stale once it answers', async () => {
    const tokens = new AccessTokens(issuer.config, silent);
    await check(tokens);
    issuer.down();
    after(11 * MINUTE_MS);
    await check(tokens);
    issuer.up();
    after(MINUTE_MS);
    await check(tokens);
    expect(tokens.metrics()).toMatchObject({ auth_jwks_stale_seconds: 0 });
  });
});

describe('a token that comes again', () => {
  const checks = (tokens: AccessTokens): number => tokens.metrics()['auth_signatures_checked_total'] ?? 0;
  const callerOf = (tokens: AccessTokens, token: string) => tokens.callerOf(`Bearer ${token}`);

  it('is taken without another check of its signature, for half a minute', async () => {
    const tokens = new AccessTokens(issuer.config, silent);
    const [token, other] = [
      await issuer.token('coach', organisationId),
      await issuer.token('verifier', organisationId),
    ];
    const first = await callerOf(tokens, token);
    expect(await callerOf(tokens, token)).toEqual(first);
    expect(checks(tokens)).toBe(1);
    expect((await callerOf(tokens, other)).role).toBe('verifier');
    expect(checks(tokens)).toBe(2);
    after(MINUTE_MS / 2);
    await callerOf(tokens, token);
    expect(checks(tokens)).toBe(3);
  });

  it('AUTH-01: is refused once it has expired, however short a time ago it was good', async () => {
    const tokens = new AccessTokens(issuer.config, silent);
    const now = Math.floor(Date.now() / 1_000);
    const token = await issuer.token('coach', organisationId, { claims: { iat: now - 60, exp: now - 28 } });
    await callerOf(tokens, token); // within the tolerance for clocks that differ
    after(5_000);
    await expect(callerOf(tokens, token)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('is not known by its claims: with another signature it is another token', async () => {
    const tokens = new AccessTokens(issuer.config, silent);
    const token = await issuer.token('coach', organisationId);
    await callerOf(tokens, token);
    const [header, claims, signature] = token.split('.') as [string, string, string];
    const forged = [header, claims, signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))].join('.');
    for (let call = 0; call < 2; call += 1)
      await expect(callerOf(tokens, forged)).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

describe('AUTH-05: keys that change', () => {
  it('cost no good token anything, when the next one is published before it signs', async () => {
    const tokens = new AccessTokens(issuer.config, silent);
    const outcomes: string[] = [];
    const some = async (): Promise<void> => {
      for (let call = 0; call < 20; call += 1) outcomes.push(await check(tokens).catch(() => 'refused'));
    };
    await some();
    const next = await issuer.nextKey();
    await some();
    after(15 * MINUTE_MS);
    next.use();
    await some();
    after(20 * MINUTE_MS);
    await some();
    expect(new Set(outcomes)).toEqual(new Set(['coach']));
  });

  it('end the tokens of a key that was taken away, ten minutes later', async () => {
    const tokens = new AccessTokens(issuer.config, silent);
    const claims = { exp: Math.floor(Date.now() / 1000) + 3_600 };
    const old = await issuer.token('coach', organisationId, { claims });
    await expect(tokens.callerOf(`Bearer ${old}`)).resolves.toMatchObject({ role: 'coach' });
    const next = await issuer.nextKey();
    next.use();
    next.retireOthers();
    after(11 * MINUTE_MS);
    await expect(check(tokens)).resolves.toBe('coach');
    await expect(tokens.callerOf(`Bearer ${old}`)).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

describe('AUTH-06, API10-2: an issuer that answers nonsense', () => {
  it('does not cost the keys there are', async () => {
    const tokens = new AccessTokens(issuer.config, silent);
    await check(tokens);
    issuer.babble();
    after(11 * MINUTE_MS);
    await expect(check(tokens)).resolves.toBe('coach');
  });
});

describe('AUTH-07: who a caller is', () => {
  it('follows from the subject, never from an e-mail', async () => {
    const tokens = new AccessTokens(issuer.config, silent);
    const claims = { email: 'one@example.org', email_verified: true };
    const someone = async () =>
      (await tokens.callerOf(`Bearer ${await issuer.token('learner', organisationId, { claims })}`)).actorId;
    expect(await someone()).not.toBe(await someone());
  });
});

describe('AUTH-23: a billing machine', () => {
  it('is a role of its own and has no other by a claim', async () => {
    const tokens = new AccessTokens(issuer.config, silent);
    const claims = { scope: 'operations coach', roles: ['operations'] };
    const token = await issuer.token('billing', organisationId, { claims });
    await expect(tokens.callerOf(`Bearer ${token}`)).resolves.toMatchObject({ role: 'billing' });
  });
});
