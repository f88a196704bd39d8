import { auth, bus, ConfigError, loadConfig, parseConfig, postgres, serviceConfig } from './config';

const shape = { ...serviceConfig, ...postgres };
const good = {
  APP_ENV: 'production',
  HTTP_PORT: '8080',
  GRPC_PORT: '9090',
  POSTGRES_URL: 'postgres://goal:secret@db/goal',
  AUTH_ISSUER: 'https://id.oppi.example',
  AUTH_JWKS_URL: 'https://id.oppi.example/jwks',
  AUTH_AUDIENCE: 'oppi',
};

const problemsOf = (env: Record<string, string | undefined>): readonly string[] => {
  try {
    parseConfig(shape, env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe('a configuration', () => {
  it('is parsed, with defaults', () => {
    expect(parseConfig(shape, good)).toMatchObject({ HTTP_PORT: 8080, HTTP_HOST: '127.0.0.1', LOG_LEVEL: 'info' });
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
    'https://127.0.0.1',
    'https://id.local',
    'https://id.test',
  ])('AUTH-04: takes the issuer %s in local and test only', (AUTH_ISSUER) => {
    for (const APP_ENV of ['local', 'test']) expect(problemsOf({ ...good, APP_ENV, AUTH_ISSUER })).toEqual([]);
    for (const APP_ENV of ['staging', 'production'])
      expect(problemsOf({ ...good, APP_ENV, AUTH_ISSUER })).toEqual([
        'AUTH_ISSUER has to be https and public unless APP_ENV is local or test',
      ]);
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
    expect(() => loadConfig(shape, { ...good, HTTP_PORT: undefined, LOG_LEVLE: 'x' })).toThrow('exit 78');
    expect(lines.join('')).toBe('configuration: HTTP_PORT is missing\nconfiguration: LOG_LEVLE is not known\n');
    write.mockRestore();
    exit.mockRestore();
  });
});
