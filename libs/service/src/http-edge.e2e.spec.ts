import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { testIssuer, type TestIssuer } from './testing';
import { startSample } from './testing/sample/start-sample';

const organisationId = randomUUID();
let issuer: TestIssuer;
let sample: Awaited<ReturnType<typeof startSample>>;
let token: string;

beforeAll(async () => {
  issuer = await testIssuer();
  sample = await startSample(issuer);
  token = await issuer.token('manager', organisationId);
});

afterAll(async () => {
  await sample.service.stop();
  await issuer.stop();
});

const trees = () => `/sample/v1/organisations/${organisationId}/trees`;

const request = async (path: string, init: RequestInit = {}, headers: Record<string, string> = {}) => {
  const response = await fetch(`${sample.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
  const text = await response.text();
  const body = (text.startsWith('{') ? JSON.parse(text) : { text }) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, body };
};

const post = (body: string, headers: Record<string, string> = {}, path = trees()) =>
  request(
    path,
    { method: 'POST', body },
    { 'content-type': 'application/json', 'idempotency-key': randomUUID(), ...headers },
  );

const aTree = (more: object = {}) => ({ treeId: randomUUID(), kind: 'scots-pine', heightCm: 1, ...more });
const nested = (levels: number) => `{"branches":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;

describe('a request that cannot be understood (ERR-01)', () => {
  it.each([
    ['an unknown route', () => request('/sample/v1/nowhere'), 404, 'route-not-found'],
    ['a known path with another method', () => request(trees(), { method: 'PATCH' }), 405, 'method-not-allowed'],
    ['an address over 2,048 characters', () => request(`${trees()}?a=${'x'.repeat(2_000)}`), 414, 'uri-too-long'],
    ['another method by header', () => post('{}', { 'x-http-method-override': 'GET' }), 400, 'invalid-request'],
    ['broken JSON', () => post('{"treeId":'), 400, 'body-malformed'],
    ['a list', () => post('[]'), 400, 'body-malformed'],
    [
      'a form',
      () => post('a=b', { 'content-type': 'application/x-www-form-urlencoded' }),
      415,
      'media-type-not-supported',
    ],
    ['plain text', () => post('{}', { 'content-type': 'text/plain' }), 415, 'media-type-not-supported'],
    ['XML', () => post('<a/>', { 'content-type': 'text/xml' }), 415, 'media-type-not-supported'],
    [
      'JSON of another name',
      () => post('{}', { 'content-type': 'application/jsonx' }),
      415,
      'media-type-not-supported',
    ],
    [
      'the lines of a bulk import',
      () => post('{}\n', { 'content-type': 'application/x-ndjson' }),
      415,
      'media-type-not-supported',
    ],
    ['JSON 33 levels deep', () => post(nested(33)), 400, 'body-too-deep'],
    ['100,000 brackets', () => post('['.repeat(100_000)), 400, 'body-too-deep'],
    ['a body over 256 KiB', () => post(JSON.stringify({ note: 'x'.repeat(256 * 1024) })), 413, 'body-too-large'],
    ['an address that is not encoded well', () => request('/sample/v1/%zz'), 400, 'request-malformed'],
    ['a field nobody knows', () => post(JSON.stringify(aTree({ colour: 'green' }))), 400, 'unknown-property'],
    ['a field of the path in the body', () => post(JSON.stringify(aTree({ organisationId }))), 400, 'unknown-property'],
    ['a parameter beside a body', () => post(JSON.stringify(aTree()), {}, `${trees()}?dry=1`), 400, 'unknown-property'],
    [
      'a field called __proto__',
      () => post(`{"__proto__":{"kind":"a"},"treeId":"${randomUUID()}","kind":"a","heightCm":1}`),
      400,
      'unknown-property',
    ],
    ['a parameter twice', () => request(`${trees()}?limit=1&limit=2`), 400, 'parameter-repeated'],
    ['a parameter nobody knows', () => request(`${trees()}?colour=green`), 400, 'unknown-property'],
    ['no number for a number', () => request(`${trees()}?limit=1e9`), 400, 'invalid-request'],
    ['an organisation that is no id', () => request('/sample/v1/organisations/acme/trees'), 400, 'invalid-request'],
    ['an encoded slash in an id', () => request('/sample/v1/organisations/a%2Fb/trees'), 400, 'invalid-request'],
    ['a weak tag', () => post(JSON.stringify(aTree()), { 'if-match': 'W/"v1"' }), 400, 'expected-version-malformed'],
    ['any version', () => post(JSON.stringify(aTree()), { 'if-match': '*' }), 400, 'expected-version-malformed'],
    [
      'a list of tags',
      () => post(JSON.stringify(aTree()), { 'if-match': '"v1", "v2"' }),
      400,
      'expected-version-malformed',
    ],
  ])('is refused as a problem: %s', async (_, send, status, code) => {
    const { headers, body, ...answer } = await send();
    expect({ status: answer.status, code: body['code'] }).toEqual({ status, code });
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(body).toMatchObject({ type: `urn:oppi:problem:${code}`, status, title: expect.any(String) as string });
    expect(body['traceId']).toBe(headers.get('traceresponse')?.slice(3, 35));
  });

  it('LIM-01, LIM-02: is let in at the limits: 32 levels, 256 KiB', async () => {
    expect((await post(nested(32))).body['code']).toBe('invalid-request');
    const rest = JSON.stringify({ note: '' }).length;
    expect((await post(JSON.stringify({ note: 'x'.repeat(256 * 1024 - rest) }))).body['code']).toBe('invalid-request');
  });

  it('points at an unknown field and says nothing of its value', async () => {
    const { body } = await post(JSON.stringify(aTree({ 'a/b': 'a secret' })));
    expect(body['errors']).toEqual([{ pointer: '/a~1b', detail: 'This field is not known.' }]);
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('GDPR-17: leaves a line in the log that names the fault and none of what was sent', async () => {
    const before = sample.lines.length;
    await post(JSON.stringify(aTree({ kind: 'Zzyzx Qwertyson', email: 'zzyzx@example.org' })));
    await request('/sample/v1/nowhere?name=Zzyzx');
    const lines = sample.lines.slice(before);
    expect(lines.filter(({ msg }) => msg === 'request')).toMatchObject([
      { code: 'invalid-request' },
      { code: 'route-not-found' },
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/zzyzx|Qwertyson|scots|treeId/i);
  });

  it('does not repeat a query string', async () => {
    expect((await request('/sample/v1/nowhere?name=matti')).body['instance']).toBe('/sample/v1/nowhere');
  });

  it('LIM-03: is answered even when it is no HTTP: headers over 16 KiB', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(sample.service.httpPort, '127.0.0.1', () =>
        socket.write(`GET /livez HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(20_000)}\r\n\r\n`),
      );
      let text = '';
      socket.on('data', (data) => (text += data.toString()));
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1.1 431 /);
    expect(answer).toContain('application/problem+json');
    expect(answer).toContain('"code":"headers-too-large"');
  });
});

describe('a path written in another way', () => {
  it.each(['/', '%20', ';a', '/.', '/..%2f', '?', '//'])('opens nothing without a token: %s', async (suffix) => {
    const response = await fetch(`${sample.url}${trees()}${suffix}`);
    expect([400, 401, 404]).toContain(response.status);
    const upper = await fetch(`${sample.url}${trees().toUpperCase()}`);
    expect([401, 404]).toContain(upper.status);
  });
});

describe('an answer over http', () => {
  it('CONC-01: names its version, and is not sent again to who has it', async () => {
    const tree = aTree();
    const planted = await post(JSON.stringify(tree));
    expect(planted.headers.get('etag')).toBe('"v1"');
    const read = (tag?: string) =>
      request(`${trees()}/${tree.treeId}`, {}, tag === undefined ? {} : { 'if-none-match': tag });
    expect((await read()).headers.get('etag')).toBe('"v1"');
    expect(await read('"v0", "v1"')).toMatchObject({ status: 304, body: { text: '' } });
    expect((await read('"v2"')).status).toBe(200);
  });

  it('CONC-02: names the newest version when another was expected', async () => {
    const tree = aTree();
    await post(JSON.stringify(tree));
    const { status, headers } = await post('{}', { 'if-match': '"v7"' }, `${trees()}/${tree.treeId}/prune`);
    expect([status, headers.get('etag')]).toEqual([412, '"v1"']);
  });

  it('IDEM-03: says when it is a stored one', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const tree = JSON.stringify(aTree());
    expect((await post(tree, key)).headers.get('idempotency-replayed')).toBeNull();
    expect((await post(tree, key)).headers.get('idempotency-replayed')).toBe('true');
  });

  it.each([
    ['an answer', () => request(trees())],
    ['a refusal', () => post('[]')],
    ['an unknown route', () => request('/nowhere')],
    ['what asks from another site', () => request(trees(), {}, { origin: 'https://elsewhere.example' })],
    ['what asks from nowhere', () => request(trees(), {}, { origin: 'null' })],
  ])('API8-1, API8-2: is kept by nobody and shown in no frame and on no other site: %s', async (_, ask) => {
    const { headers } = await ask();
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).toBe("default-src 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toContain('max-age');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect([headers.get('server'), headers.get('x-powered-by')]).toEqual([null, null]);
  });
});

describe('what anybody may see', () => {
  it.each(['/livez', '/readyz', '/metrics', '/sample/openapi.json'])('%s', async (path) => {
    expect((await fetch(`${sample.url}${path}`)).status).toBe(200);
  });
});
