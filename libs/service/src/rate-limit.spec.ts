import { randomUUID } from 'node:crypto';
import type { Caller } from './caller';
import { rateHeaders, RateLimit, RateLimited } from './rate-limit';

const aCaller = (more: Partial<Caller> = {}): Caller => ({
  actorId: randomUUID(),
  role: 'manager',
  organisationId: randomUUID(),
  clients: [],
  clientId: 'tests',
  ...more,
});

const limited = (rates = { people: 6, programs: 60 }) => {
  let now = 0;
  const limit = new RateLimit(rates, () => now);
  const admitted = (caller: Caller, calls: number): number => {
    let let_in = 0;
    for (let call = 0; call < calls; call += 1)
      try {
        limit.admit(caller);
        let_in += 1;
      } catch (error) {
        if (!(error instanceof RateLimited)) throw error;
      }
    return let_in;
  };
  return { limit, admitted, after: (seconds: number) => void (now += seconds * 1_000) };
};

describe('calls of one caller (API4)', () => {
  it('are let in up to a minute’s worth at once, then one as each falls due', () => {
    const { admitted, after } = limited();
    const caller = aCaller();
    expect(admitted(caller, 10)).toBe(6);
    after(9);
    expect(admitted(caller, 1)).toBe(0);
    after(1);
    expect(admitted(caller, 2)).toBe(1);
    after(3_600);
    expect(admitted(caller, 10)).toBe(6);
  });

  it('hear when the next is let in, and that is true', () => {
    const { limit, admitted, after } = limited();
    const caller = aCaller();
    admitted(caller, 6);
    const refusal = (): RateLimited => {
      try {
        limit.admit(caller);
      } catch (error) {
        return error as RateLimited;
      }
      throw new Error('It was let in.');
    };
    const { kind, code, standing } = refusal();
    expect([kind, code, standing]).toEqual(['too-many', 'rate-limited', { perMinute: 6, left: 0, waitSeconds: 10 }]);
    after(standing.waitSeconds);
    expect(admitted(caller, 1)).toBe(1);
  });

  it('do not count against anybody else, nor against the same id at another organisation', () => {
    const { admitted } = limited();
    const caller = aCaller();
    expect(admitted(caller, 6)).toBe(6);
    expect(admitted(aCaller({ organisationId: caller.organisationId }), 6)).toBe(6);
    expect(admitted(aCaller({ actorId: caller.actorId }), 6)).toBe(6);
  });

  it.each([
    ['integration', 60],
    ['billing', 60],
    ['operations', 6],
    ['learner', 6],
  ] as const)('of the role %s are %i a minute', (role, rate) => {
    expect(limited().admitted(aCaller({ role }), 100)).toBe(rate);
  });

  it('have no limit where none is set', () => {
    expect(limited({ people: 0, programs: 0 }).admitted(aCaller(), 1_000)).toBe(1_000);
  });

  it('say what is left', () => {
    const standing = limited().limit.admit(aCaller());
    expect(standing && rateHeaders(standing)).toEqual({
      'ratelimit-policy': '"caller";q=6;w=60',
      ratelimit: '"caller";r=5;t=0',
    });
  });

  it('take no more memory than for 50,000 callers', () => {
    const { limit } = limited();
    const first = aCaller();
    for (let call = 0; call < 6; call += 1) limit.admit(first);
    for (let other = 0; other < 50_000; other += 1) limit.admit(aCaller());
    expect(limit.admit(first)).toMatchObject({ left: 5 });
  });
});
