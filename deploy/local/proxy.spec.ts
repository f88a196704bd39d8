import { freePort } from '@oppi/local-postgres';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startProxy, type Proxy } from './proxy';

describe('the local proxy', () => {
  let service: Server;
  let proxy: Proxy;
  let answer: RequestListener;

  beforeAll(async () => {
    service = createServer((incoming, outgoing) => answer(incoming, outgoing)).listen(0, '127.0.0.1');
    await once(service, 'listening');
    const ports = { goal: (service.address() as AddressInfo).port, reporting: await freePort() };
    proxy = await startProxy(await freePort(), ports);
  });
  afterAll(async () => {
    await proxy.close();
    service.closeAllConnections();
    service.close();
  });

  it('passes the path, every header and the status, and adds no header of its own', async () => {
    let seen: IncomingMessage | undefined;
    answer = (incoming, outgoing) => {
      seen = incoming;
      outgoing.writeHead(412, { etag: '"v7"', 'Idempotency-Replayed': 'true' });
      outgoing.end('stale');
    };
    const headers = {
      'if-match': '"v6"',
      'idempotency-key': 'key-00000001',
      authorization: 'Bearer x',
      traceparent: '00-1',
    };
    const call = request(`${proxy.url}/goal/v1/goals?limit=2&cursor=a%2Fb`, { headers }).end();
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    response.resume();
    expect(seen?.url).toBe('/goal/v1/goals?limit=2&cursor=a%2Fb');
    expect(seen?.headers).toEqual({ ...headers, host: new URL(proxy.url).host, connection: 'keep-alive' });
    expect(response.statusCode).toBe(412);
    expect(response.headers).toMatchObject({ etag: '"v7"', 'idempotency-replayed': 'true' });
  });

  it('streams both ways: the answer to the first half is there before the second is sent', async () => {
    answer = (incoming, outgoing) => void incoming.pipe(outgoing);
    const call = request(`${proxy.url}/goal/v1/echo`, { method: 'POST' });
    call.write('first');
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    expect(String((await once(response, 'data'))[0])).toBe('first');
    call.end('second');
    expect(String((await once(response, 'data'))[0])).toBe('second');
  });

  it('hands on a refusal that comes before all is sent, and the client goes on', async () => {
    answer = (incoming, outgoing) => {
      const { socket } = incoming;
      socket.destroySoon = () => void socket.end().once('end', () => socket.destroy());
      outgoing.writeHead(413, { connection: 'close' }).end('{"code":"body-too-large"}');
    };
    for (let i = 0; i < 60; i += 1) {
      const sent = await fetch(`${proxy.url}/goal/v1/big`, { method: 'POST', body: 'x'.repeat(1024 * 1024) });
      expect([sent.status, await sent.json()]).toEqual([413, { code: 'body-too-large' }]);
    }
  });

  it('breaks off when the service breaks off', async () => {
    answer = (_incoming, outgoing) => {
      outgoing.write('half');
      setImmediate(() => outgoing.destroy());
    };
    const response = await fetch(`${proxy.url}/goal/v1/half`);
    await expect(response.text()).rejects.toThrow();
  });

  it.each([
    ['before the answer has begun', false],
    ['in the midst of the answer', true],
  ])('tells the service when the client goes %s', async (_when, begun) => {
    const abort = new AbortController();
    const gone = new Promise((resolve) => {
      answer = (_incoming, outgoing) => {
        outgoing.once('close', () => resolve(outgoing.writableFinished));
        if (begun) outgoing.write('waiting');
        else abort.abort();
      };
    });
    const call = fetch(`${proxy.url}/goal/v1/slow`, { signal: abort.signal });
    if (begun) await call.then(() => abort.abort());
    else await expect(call).rejects.toThrow('aborted');
    expect(await gone).toBe(false);
  });

  it('says 503 for a service that is down and 404 for one that does not exist', async () => {
    const down = await fetch(`${proxy.url}/reporting/v1/x`);
    expect([down.status, down.headers.get('content-type'), down.headers.get('retry-after')]).toEqual([
      503,
      'application/problem+json',
      '1',
    ]);
    expect(await down.json()).toEqual({
      type: 'urn:oppi:problem:service-unavailable',
      title: 'The service does not answer now.',
      status: 503,
      detail: 'The service does not answer now.',
      instance: '/reporting/v1/x',
      code: 'service-unavailable',
      errors: [],
    });
    for (const path of ['/', '/coaching/v1', '/constructor/v1', '/Goal/v1'])
      expect((await fetch(`${proxy.url}${path}`)).status).toBe(404);
  });
});
