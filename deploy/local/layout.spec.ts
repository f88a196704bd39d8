import { portsFrom } from './layout';

describe('the ports of a local run', () => {
  it('are the documented ones unless told otherwise', () => {
    expect(portsFrom(undefined)).toEqual({
      proxy: 7070,
      grpc: { goal: 7071, 'time-allocation': 7072, coaching: 7073, reporting: 7074 },
      postgres: 7078,
      kafka: 7080,
      issuer: 7079,
      http: { goal: 7081, 'time-allocation': 7082, coaching: 7083, reporting: 7084 },
    });
  });

  it('all move with the first one and stay distinct', () => {
    const { proxy, grpc, postgres, issuer, http } = portsFrom('9000');
    const all = [proxy, postgres, issuer, ...Object.values(grpc), ...Object.values(http)];
    expect(new Set(all).size).toBe(all.length);
    expect(Math.min(...all)).toBe(9000);
  });

  it.each(['http', '80', '65530', '7070.5'])('refuse %s as the first one', (base) => {
    expect(() => portsFrom(base)).toThrow('OPPI_PORT_BASE must be a number from 1024');
  });
});
