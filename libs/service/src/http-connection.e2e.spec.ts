import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { testIssuer, type TestIssuer } from './testing';
import { answersIn, exchange } from './testing/http-bytes';
import { startSample } from './testing/sample/start-sample';

const organisationId = randomUUID();
const trees = `/sample/v1/organisations/${organisationId}/trees`;
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

const send = async (text: string) => {
  const { text: answered, closed } = await exchange(sample.service.httpPort, Buffer.from(text, 'latin1'), 5_000);
  expect(closed).toBe(true);
  return answersIn(answered).map(({ status, type, body }) => ({
    status,
    type,
    code: body.startsWith('{') ? (JSON.parse(body) as { code?: string }).code : body,
  }));
};

const planting = (treeId: string, more = ''): string => {
  const body = JSON.stringify({ treeId, kind: 'oak', heightCm: 1 });
  const head = `POST ${trees} HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nAuthorization: Bearer ${token}\r\n`;
  return `${head}Idempotency-Key: ${randomUUID()}\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
};
const stands = (treeId: string): boolean => sample.orchard.trees.has(treeId);
const problem = (status: number, code: string) => ({
  status,
  code,
  type: 'application/problem+json; charset=utf-8',
});

describe('what no request can be made of (ERR-01)', () => {
  it.each([
    ['no host', 'GET /livez HTTP/1.1\r\n\r\n', 400, 'request-malformed'],
    ['two hosts', 'GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400, 'request-malformed'],
    ['an expectation', 'GET /livez HTTP/1.1\r\nHost: a\r\nExpect: a miracle\r\n\r\n', 417, 'expectation-failed'],
    ['a tunnel', 'CONNECT elsewhere:443 HTTP/1.1\r\nHost: elsewhere\r\n\r\n', 400, 'request-malformed'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'request-malformed'],
    ['no HTTP', 'hello\r\n\r\n', 400, 'request-malformed'],
    ['a header that is none', 'GET /livez HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n', 400, 'request-malformed'],
    [
      'long extensions of a chunk',
      `POST /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;${'e'.repeat(17_000)}\r\n`,
      413,
      'body-too-large',
    ],
    [
      'headers over 16 KiB',
      `GET /livez HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`,
      431,
      'headers-too-large',
    ],
  ])('is answered as a problem: %s', async (_, text, status, code) => {
    expect(await send(text)).toContainEqual(problem(status, code));
  });

  it('HTTP/1.0 needs no host', async () => {
    expect(await send('GET /livez HTTP/1.0\r\n\r\n')).toMatchObject([{ status: 200 }]);
  });
});

describe('a request behind another', () => {
  it('is served in its turn', async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    expect(await send(planting(first) + planting(second))).toMatchObject([{ status: 200 }, { status: 200 }]);
    expect([stands(first), stands(second)]).toEqual([true, true]);
  });

  it('that is garbage does not take the place of the answer to the first', async () => {
    let open = (): void => undefined;
    sample.orchard.gate = new Promise((resolve) => (open = resolve));
    const arrived = new Promise<void>((resolve) => sample.orchard.arrived.push(resolve));
    const treeId = randomUUID();
    const answered = send(`${planting(treeId)}\0\0\0 garbage\r\n\r\n`);
    await arrived;
    open();
    expect(await answered).toMatchObject([{ status: 200 }]);
    expect(stands(treeId)).toBe(true);
  });

  it.each([
    ['both framings', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n'],
    ['both framings, the other way', 'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n'],
    ['two lengths', 'Content-Length: 0\r\nContent-Length: 4\r\n'],
    ['a list of lengths', 'Content-Length: 0, 4\r\n'],
    ['a length with a sign', 'Content-Length: +0\r\n'],
    ['a length in hex', 'Content-Length: 0x0\r\n'],
    ['a space before the colon', 'Transfer-Encoding : chunked\r\n'],
    ['chunked that is not last', 'Transfer-Encoding: chunked, identity\r\n'],
    ['an unheard-of coding', 'Transfer-Encoding: xchunked\r\n'],
    ['a folded coding', 'Transfer-Encoding:\r\n chunked\r\nContent-Length: 4\r\n'],
    ['a bare carriage return', 'X: a\rTransfer-Encoding: chunked\r\nContent-Length: 4\r\nContent-Length: 0\r\n'],
  ])('F83: is not smuggled in by %s', async (_, framing) => {
    const smuggled = randomUUID();
    const answers = await send(`POST /livez HTTP/1.1\r\nHost: a\r\n${framing}\r\n0\r\n\r\n${planting(smuggled)}`);
    expect(stands(smuggled)).toBe(false);
    expect(answers).toEqual([problem(400, 'request-malformed')]);
  });
});

describe('a client that', () => {
  const open = (text: string): Promise<Socket> =>
    new Promise((resolve) => {
      const socket = connect({ port: sample.service.httpPort, host: '127.0.0.1', allowHalfOpen: true }, () => {
        socket.write(text);
        resolve(socket);
      });
    });
  const allOf = (socket: Socket): Promise<string> =>
    new Promise((resolve) => {
      let text = '';
      socket.on('data', (data) => (text += data.toString()));
      socket.on('end', () => resolve(text));
    });

  it('LIM-01: goes on sending more than is taken can do so, and hears that it was too much', async () => {
    const length = 8 * 1024 * 1024;
    const head = [
      `POST ${trees} HTTP/1.1`,
      'Host: a',
      `Authorization: Bearer ${token}`,
      'Content-Type: application/json',
      `Content-Length: ${length}`,
    ];
    const socket = await open(`${head.join('\r\n')}\r\n\r\n`);
    const broken = jest.fn();
    socket.on('error', broken);
    const answer = allOf(socket);
    for (let sent = 0; sent < length; sent += length / 8) {
      await new Promise((resolve) => socket.write(Buffer.alloc(length / 8, ' '), resolve));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(answersIn(await answer)).toMatchObject([{ status: 413, type: 'application/problem+json; charset=utf-8' }]);
    expect(broken).not.toHaveBeenCalled();
    socket.destroy();
  });

  it("breaks off in the middle of a body is nobody else's fault", async () => {
    const before = sample.lines.length;
    const half = Buffer.from(planting(randomUUID()).slice(0, -5));
    const { text } = await exchange(sample.service.httpPort, half, 100);
    expect(answersIn(text)).toMatchObject([{ status: 400 }]);
    expect(sample.lines.slice(before).filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });

  it.each([
    ['headers', 'GET /livez HTTP/1.1\r\nHost: a\r\n'],
    ['body', 'POST /livez HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{'],
  ])('LIM-05, API4-5, F75: sends its %s too slowly is cut, with word of it', async (_, text) => {
    const server = sample.service.app.getHttpServer();
    const { headersTimeout, requestTimeout } = server;
    expect([headersTimeout, requestTimeout, server.keepAliveTimeout]).toEqual([10_000, 30_000, 65_000]);
    // Node reads them at each look; the looks themselves are a second apart.
    Object.assign(server, { headersTimeout: 100, requestTimeout: 100 });
    const answer = await allOf(await open(text));
    Object.assign(server, { headersTimeout, requestTimeout });
    expect(answersIn(answer)).toMatchObject([{ status: 408, type: 'application/problem+json; charset=utf-8' }]);
  });

  it('asked for a tunnel does not hold up the drain', async () => {
    const own = await startSample(issuer);
    const socket = connect({ port: own.service.httpPort, host: '127.0.0.1', allowHalfOpen: true }, () =>
      socket.write('CONNECT elsewhere:443 HTTP/1.1\r\nHost: elsewhere\r\n\r\n'),
    );
    await new Promise<void>((resolve) => socket.once('data', () => resolve()));
    await own.service.stop();
    socket.destroy();
  });
});
