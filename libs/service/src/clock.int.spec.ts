import { randomUUID } from 'node:crypto';
import { freshDatabase, type FreshDatabase } from '@oppi/testing';
import { openClock, SettableClock, SystemClock } from './clock';
import { clockMigrations } from './clock-migrations';
import { testIssuer, type TestIssuer } from './testing';
import { startSample } from './testing/sample/start-sample';

const DAY_MS = 86_400_000;
let database: FreshDatabase;
let issuer: TestIssuer;

beforeAll(async () => {
  database = await freshDatabase(clockMigrations);
  issuer = await testIssuer();
});
afterAll(async () => {
  await issuer.stop();
  await database.drop();
});
beforeEach(() => database.pool.query('truncate clock_setting'));

const later = (clock: { now(): Date }, ms: number): string => new Date(clock.now().getTime() + ms).toISOString();

describe('a settable clock', () => {
  it('goes on from where it was set, also after a restart', async () => {
    const clock = await SettableClock.open(database.pool);
    const target = later(clock, 30 * DAY_MS);
    await clock.set(target);
    expect(clock.now().toISOString() >= target).toBe(true);
    const restarted = await SettableClock.open(database.pool);
    expect(restarted.now().toISOString() >= target).toBe(true);
  });

  it('goes forward only', async () => {
    const clock = await SettableClock.open(database.pool);
    await clock.set(later(clock, DAY_MS));
    await expect(clock.set(later(clock, -1_000))).rejects.toMatchObject({ kind: 'refused', code: 'clock-backwards' });
  });

  it('begins in the past on a new database, and goes on from where it is after that', async () => {
    const config = { APP_ENV: 'test', CLOCK_STARTS_AT: '2013-01-01T00:00:00.000Z' } as const;
    const clock = await SettableClock.open(database.pool, config.CLOCK_STARTS_AT);
    expect(clock.now().toISOString().slice(0, 10)).toBe('2013-01-01');
    await clock.set('2013-09-30T23:00:00.000Z');
    const restarted = await openClock(config, database.pool);
    expect(restarted.now().toISOString().slice(0, 13)).toBe('2013-09-30T23');
    await expect(clock.set('2013-09-30T22:59:59.000Z')).rejects.toMatchObject({ code: 'clock-backwards' });
  });

  it('does not send a database into the past that has been worked on', async () => {
    await SettableClock.open(database.pool);
    const restarted = await SettableClock.open(database.pool, '2013-01-01T00:00:00.000Z');
    expect(restarted.now().getTime()).toBeGreaterThan(Date.now() - DAY_MS);
  });

  it('is offered in local and test only', async () => {
    for (const APP_ENV of ['local', 'test'] as const)
      expect(await openClock({ APP_ENV }, database.pool)).toBeInstanceOf(SettableClock);
    for (const APP_ENV of ['staging', 'production'] as const)
      expect(await openClock({ APP_ENV }, database.pool)).not.toBeInstanceOf(SettableClock);
  });

  it('is set by operations over REST, and by nobody else', async () => {
    const clock = await SettableClock.open(database.pool);
    const sample = await startSample(issuer, { clock });
    const put = async (role: 'operations' | 'manager', body: object) => {
      const response = await fetch(`${sample.url}/sample/v1/clock`, {
        method: 'PUT',
        headers: {
          authorization: `Bearer ${await issuer.token(role, randomUUID())}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(body),
      });
      return [response.status, (await response.json()) as Record<string, unknown>] as const;
    };
    const target = later(clock, DAY_MS);
    expect(await put('manager', { now: target })).toMatchObject([403, { code: 'role-not-allowed' }]);
    expect(await put('operations', { now: 'tomorrow' })).toMatchObject([400, { code: 'invalid-request' }]);
    expect(await put('operations', { now: target })).toMatchObject([200, {}]);
    expect(await put('operations', { now: later(clock, -DAY_MS) })).toMatchObject([422, { code: 'clock-backwards' }]);
    await sample.service.stop();
  });

  it('is not mounted where the service runs for real, whatever it was given', async () => {
    const clock = await SettableClock.open(database.pool);
    const config = { ...issuer.config, APP_ENV: 'production', HTTP_HOST: '127.0.0.1', HTTP_PORT: 0 } as const;
    const sample = await startSample(issuer, {
      clock,
      config: { ...config, GRPC_HOST: '127.0.0.1', GRPC_PORT: 0, LOG_LEVEL: 'info' },
    });
    const response = await fetch(`${sample.url}/sample/v1/clock`, { method: 'PUT' });
    expect([response.status, await response.json()]).toMatchObject([404, { code: 'route-not-found' }]);
    await sample.service.stop();
  });
});

describe('time', () => {
  it('never falls, even when the machine steps back', () => {
    jest.useFakeTimers({ now: 1_000_000 });
    const clock = new SystemClock();
    expect(clock.now().getTime()).toBe(1_000_000);
    jest.setSystemTime(999_000);
    expect(clock.now().getTime()).toBe(1_000_000);
    jest.setSystemTime(1_000_001);
    expect(clock.now().getTime()).toBe(1_000_001);
    jest.useRealTimers();
  });
});
