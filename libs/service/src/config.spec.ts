import { auth, bus, ConfigError, loadConfig, parseConfig, postgres, serviceConfig } from './config';

const shape = { ...serviceConfig, ...postgres };
const tls = { GRPC_TLS_CERT: '/tls/goal.pem', GRPC_TLS_KEY: '/tls/goal.key', GRPC_TLS_CA: '/tls/ca.pem' };
const good = {
  APP_ENV: 'production',
  HTTP_PORT: '8080',
  GRPC_PORT: '9090',
  POSTGRES_URL: 'postgres://goal:secret@db/goal',
  AUTH_ISSUER: 'https://id.oppi.example',
  AUTH_JWKS_URL: 'https://id.oppi.example/jwks',
  AUTH_AUDIENCE: 'oppi',
};

const CLIENT = '6a47dc57-7084-843f-8270-673bc51e3d7c';

const problemsOf = (env: Record<string, string | undefined>): readonly string[] => {
  try {
    parseConfig(shape, { ...tls, ...env });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe('a configuration', () => {
  it('is parsed, with defaults', () => {
    expect(parseConfig(shape, { ...good, ...tls })).toMatchObject({
      HTTP_PORT: 8080,
      HTTP_HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
    });
  });

  it.each(Object.keys(good))('names %s when it is missing or empty', (name) => {
    expect(problemsOf({ ...good, [name]: undefined })).toEqual([`${name} is missing`]);
    expect(problemsOf({ ...good, [name]: '' })).toEqual([`${name} is missing`]);
  });

  it.each([
    ['APP_ENV', 'qa'],
    ['HTTP_PORT', '70000'],
    ['GRPC_PORT', 'nine'],
    ['POSTGRES_URL', 'mysql://secret@db/goal'],
    ['AUTH_ISSUER', 'id.oppi'],
    ['LOG_LEVEL', 'loud'],
    ['CLOCK_STARTS_AT', '2013-01-01'],
  ])('names %s when it is not valid, and not its value', (name, value) => {
    const problems = problemsOf({ ...good, APP_ENV: 'test', [name]: value });
    expect(problems).toEqual([expect.stringContaining(`${name} is not valid`)]);
    expect(problems.join()).not.toContain(value);
  });

  it.each([
    'postgres://oppi:secret@db/bus',
    'kafka://one:9092',
    'kafka://one:9092,10.0.0.2:9093,[::1]:9094',
    'kafka://oppi:secret@one:9092,two:9092/?ca=%2Fetc%2Fca.pem&mechanism=plain',
  ])('knows the bus %s', (BUS_URL) => {
    expect(parseConfig(bus, { BUS_URL })).toEqual({ BUS_URL });
  });

  it.each([
    'amqp://secret:5672',
    'kafka://secret',
    'kafka://one:9092,secret',
    'kafka://one:9092?secret=true',
    'secret',
  ])('knows no bus %s, and does not repeat it', (BUS_URL) => {
    const refusal = (): unknown => parseConfig(bus, { BUS_URL });
    expect(refusal).toThrow(/^BUS_URL is not valid: expected postgres:/);
    expect(refusal).not.toThrow('secret');
  });

  it('tells all problems at once', () => {
    expect(problemsOf({ APP_ENV: 'local', HTTP_PORT: '8080', GRPC_PORT: '9090' })).toHaveLength(4);
  });

  it.each(['POSTGRES_URI', 'LOG_LEVLE', 'HTTP_PRT', 'AUTH_JWKS', 'GRPC_HOTS', 'BUS_URLS', 'CLOCK_START'])(
    'refuses %s, which is most likely misspelt',
    (name) => {
      expect(problemsOf({ ...good, [name]: 'x' })).toEqual([`${name} is not known`]);
    },
  );

  it.each([
    'PATH',
    'HTTP_PROXY',
    'GRPC_VERBOSITY',
    'POSTGRES_PASSWORD',
    'BUS_SERVICE_HOST',
    'BUS_PORT_9092_TCP_ADDR',
    'BUS_URL',
    'KAFKA_BROKERS',
  ])('does not mind %s, which others know', (name) => {
    expect(problemsOf({ ...good, [name]: 'x' })).toEqual([]);
  });

  it.each([
    'http://id.oppi.example',
    'https://localhost:9000',
    'https://localhost.',
    'https://127.0.0.1',
    'https://127.1',
    'https://2130706433',
    'https://0.0.0.0',
    'https://[::1]',
    'https://[::ffff:127.0.0.1]',
    'https://id.local',
    'https://id.test',
    'https://id.test.',
    'https://id.invalid',
  ])('AUTH-04, DEV-03: takes the issuer %s in local and test only', (address) => {
    const named = { AUTH_ISSUER: address, AUTH_JWKS_URL: address, AUTH_MORE_ISSUERS: `* ${address} ${address}` };
    for (const [name, value] of Object.entries(named)) {
      const env = { ...good, [name]: value };
      for (const APP_ENV of ['local', 'test']) expect(problemsOf({ ...env, APP_ENV })).toEqual([]);
      for (const APP_ENV of ['staging', 'production'])
        expect(problemsOf({ ...env, APP_ENV })).toEqual([
          `${name} has to be https and public unless APP_ENV is local or test`,
        ]);
    }
  });

  it.each(['', 'development', 'prod', 'Local', ' local'])('DEV-03: does not start where APP_ENV is "%s"', (APP_ENV) => {
    expect(problemsOf({ ...good, APP_ENV })).toEqual([expect.stringMatching(/^APP_ENV is (missing|not valid)/)]);
  });

  it('AUTH-03: reads more issuers, each for one client or for all', () => {
    const AUTH_MORE_ISSUERS = `${CLIENT.toUpperCase()} https://id.one.example https://id.one.example/keys ES256 PS256,
      * https://id.two.example https://keys.two.example,`;
    expect(parseConfig(auth, { ...good, AUTH_MORE_ISSUERS, AUTH_ALGORITHMS: 'EdDSA' })).toMatchObject({
      AUTH_ALGORITHMS: ['EdDSA'],
      AUTH_MORE_ISSUERS: [
        {
          issuer: 'https://id.one.example',
          jwksUrl: 'https://id.one.example/keys',
          algorithms: ['ES256', 'PS256'],
          organisationId: CLIENT,
        },
        {
          issuer: 'https://id.two.example',
          jwksUrl: 'https://keys.two.example',
          algorithms: ['ES256', 'PS256', 'EdDSA'],
        },
      ],
    });
  });

  it.each([
    ['https://a.example https://a.example/keys', 'expected `<organisation id or \\*>'],
    ['* https://a.example', 'expected'],
    ['* https://a.example https://a.example/keys RS256', 'expected'],
    ['* https://a.example https://a.example/keys none', 'expected'],
    ['every https://a.example https://a.example/keys', 'expected'],
    ['* https://a.example https://a.example/1, * https://a.example https://a.example/2', 'named twice'],
    ['* https://id.oppi.example https://elsewhere.example', 'names that of AUTH_ISSUER once more'],
  ])('AUTH-03: does not take %s for more issuers', (AUTH_MORE_ISSUERS, complaint) => {
    expect(problemsOf({ ...good, AUTH_MORE_ISSUERS })).toEqual([expect.stringMatching(complaint)]);
  });

  it('AUTH-01: takes no other algorithms than those we know to be good', () => {
    for (const AUTH_ALGORITHMS of ['HS256', 'none', 'ES256 RS256'])
      expect(problemsOf({ ...good, AUTH_ALGORITHMS })).toEqual([expect.stringContaining('AUTH_ALGORITHMS')]);
  });

  it('AUTH-30: wants certificates for gRPC, or the word that another guards it, outside local and test', () => {
    const none = Object.fromEntries(Object.keys(tls).map((name) => [name, undefined]));
    const missing = Object.keys(tls).map((name) => `${name} is missing; GRPC_TLS=off says that another guards gRPC`);
    for (const APP_ENV of ['staging', 'production']) {
      expect(problemsOf({ ...good, ...none, APP_ENV })).toEqual(missing);
      expect(problemsOf({ ...good, ...none, APP_ENV, GRPC_TLS: 'off' })).toEqual([]);
    }
    for (const APP_ENV of ['local', 'test']) {
      expect(problemsOf({ ...good, ...none, APP_ENV })).toEqual([]);
      expect(problemsOf({ ...good, GRPC_TLS_KEY: undefined, APP_ENV })).toEqual([missing[1]]);
    }
    expect(problemsOf({ ...good, GRPC_TLS: 'off' })).toEqual(['GRPC_TLS is off, and yet there are certificates']);
    expect(problemsOf({ ...good, GRPC_TLS: 'mutual' })).toEqual([expect.stringContaining('GRPC_TLS is not valid')]);
  });

  it('takes a start of the clock in local and test only', () => {
    const CLOCK_STARTS_AT = '2013-01-01T00:00:00+02:00';
    for (const APP_ENV of ['local', 'test'])
      expect(parseConfig(shape, { ...good, APP_ENV, CLOCK_STARTS_AT })).toMatchObject({
        CLOCK_STARTS_AT: '2012-12-31T22:00:00.000Z',
      });
    for (const APP_ENV of ['staging', 'production'])
      expect(problemsOf({ ...good, APP_ENV, CLOCK_STARTS_AT })).toEqual([
        'CLOCK_STARTS_AT is only for APP_ENV local or test',
      ]);
  });

  it('knows pieces that are not part of a service', () => {
    expect(() => parseConfig({ ...auth, ...bus }, { ...good, BUS_URL: 'postgres://bus' })).not.toThrow();
  });
});

describe('loading it', () => {
  it('ends the process with 78 and a line per problem', () => {
    const lines: string[] = [];
    const write = jest.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
    const exit = jest.spyOn(process, 'exit').mockImplementation((code) => {
      throw new Error(`exit ${String(code)}`);
    });
    expect(() => loadConfig(shape, { ...good, ...tls, HTTP_PORT: undefined, LOG_LEVLE: 'x' })).toThrow('exit 78');
    expect(lines.join('')).toBe('configuration: HTTP_PORT is missing\nconfiguration: LOG_LEVLE is not known\n');
    write.mockRestore();
    exit.mockRestore();
  });
});
