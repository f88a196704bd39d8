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
    expect(tokens.metrics()).toEqual({ auth_jwks_stale_seconds: 0 });
  });
});
