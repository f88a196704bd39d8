import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { bothWires, testIssuer, type TestIssuer } from './testing';
import { GetTree, ListTrees, PlantTree } from './testing/sample/sample';
import { startSample } from './testing/sample/start-sample';
import { decodeStatus } from './testing/status-details';

const organisationId = randomUUID();
const limits = { RATE_PEOPLE_PER_MINUTE: 3, RATE_PROGRAMS_PER_MINUTE: 0, RATE_CALLS_AT_ONCE: 2 };
let issuer: TestIssuer;
let sample: Awaited<ReturnType<typeof startSample>>;
let wires: ReturnType<typeof bothWires>;
let program: string;

beforeAll(async () => {
  issuer = await testIssuer();
  sample = await startSample(issuer, {
    config: {
      APP_ENV: 'test',
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: 0,
      GRPC_HOST: '127.0.0.1',
      GRPC_PORT: 0,
      LOG_LEVEL: 'info',
      ...limits,
      ...issuer.config,
    },
  });
  wires = bothWires(sample.service);
  program = await issuer.token('integration', organisationId);
});

afterAll(async () => {
  wires.close();
  await sample.service.stop();
  await issuer.stop();
});

const aTree = () => ({ organisationId, treeId: randomUUID(), kind: 'oak', heightCm: 1 });

describe.each(['http', 'grpc'] as const)('limits over %s (API4)', (name) => {
  const status = (http: number, grpc: number) => ({ http, grpc })[name];

  it('LIM-06: let a caller in three times, and others still', async () => {
    const list = (token: string) => wires[name].call(ListTrees, { organisationId }, { token });
    const busy = await issuer.token('manager', organisationId);
    for (let call = 0; call < 3; call += 1) await list(busy);
    await expect(list(busy)).rejects.toMatchObject({ problem: 'rate-limited', status: status(429, 8) });
    await expect(list(await issuer.token('manager', organisationId))).resolves.toBeDefined();
  });

  it('LIM-06: count a caller, not a token', async () => {
    const actorId = randomUUID();
    const list = async () =>
      wires[name].call(
        ListTrees,
        { organisationId },
        { token: await issuer.token('manager', organisationId, { actorId }) },
      );
    for (let call = 0; call < 3; call += 1) await list();
    await expect(list()).rejects.toMatchObject({ problem: 'rate-limited' });
  });

  it('LIM-07: let two calls of an organisation run at once, and others still', async () => {
    let open = (): void => undefined;
    sample.orchard.gate = new Promise((resolve) => (open = resolve));
    const arrival = () => new Promise<void>((resolve) => sample.orchard.arrived.push(resolve));
    const running = [];
    for (let call = 0; call < 2; call += 1) {
      const arrived = arrival();
      running.push(wires[name].call(PlantTree, aTree(), { token: program }));
      await arrived;
    }
    const third = wires[name].call(
      GetTree,
      { organisationId, treeId: randomUUID() },
      { token: await issuer.token('manager', organisationId) },
    );
    await expect(third).rejects.toMatchObject({ problem: 'too-many-at-once', status: status(429, 8) });
    const elsewhere = randomUUID();
    await expect(
      wires[name].call(ListTrees, { organisationId: elsewhere }, { token: await issuer.token('manager', elsewhere) }),
    ).resolves.toBeDefined();
    open();
    await expect(Promise.all(running)).resolves.toHaveLength(2);
    await expect(wires[name].call(PlantTree, aTree(), { token: program })).resolves.toBeDefined();
  });
});

describe('what a caller over the limit is told (LIM-51)', () => {
  it('over http: Retry-After and the limit, also while calls are let in', async () => {
    const token = await issuer.token('manager', organisationId);
    const list = () =>
      fetch(`${sample.url}/sample/v1/organisations/${organisationId}/trees`, {
        headers: { authorization: `Bearer ${token}` },
      });
    const limit = async () => {
      const { headers, status } = await list();
      return [status, ...['ratelimit-policy', 'ratelimit', 'retry-after'].map((each) => headers.get(each))];
    };
    expect(await limit()).toEqual([200, '"caller";q=3;w=60', '"caller";r=2;t=0', null]);
    await list();
    await list();
    const [status, policy, left, wait] = await limit();
    expect([status, policy]).toEqual([429, '"caller";q=3;w=60']);
    expect(left).toBe(`"caller";r=0;t=${wait}`);
    expect(Number(wait)).toBeGreaterThanOrEqual(19);
    expect(Number(wait)).toBeLessThanOrEqual(20);
  });

  it('over gRPC: RetryInfo and QuotaFailure', async () => {
    const token = await issuer.token('manager', organisationId);
    const client = new Client(`127.0.0.1:${sample.service.grpcPort}`, credentials.createInsecure());
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    const raw = (bytes: Buffer) => bytes;
    const send = (): Promise<ServiceError | null> =>
      new Promise((resolve) => {
        client.makeUnaryRequest('/sample.v1.SampleService/ListTrees', raw, raw, Buffer.alloc(0), metadata, resolve);
      });
    let error = await send();
    for (let call = 0; call < 3; call += 1) error = await send();
    client.close();
    const [details] = error?.metadata.get('grpc-status-details-bin') ?? [];
    const { code, retrySeconds, quota } = decodeStatus(details as Buffer);
    expect([error?.code, code]).toEqual([8, 'rate-limited']);
    expect(retrySeconds).toBeGreaterThanOrEqual(19);
    expect(quota).toContain('3 a minute');
  });
});

describe('a call that takes too long', () => {
  it('LIM-05: is ended over http after 30 s', async () => {
    let open = (): void => undefined;
    sample.orchard.gate = new Promise((resolve) => (open = resolve));
    const arrived = new Promise<void>((resolve) => sample.orchard.arrived.push(resolve));
    jest.useFakeTimers({
      doNotFake: ['Date', 'nextTick', 'setImmediate', 'setInterval', 'queueMicrotask', 'performance', 'hrtime'],
    });
    const call = wires.http.call(PlantTree, aTree(), { token: program });
    await arrived;
    jest.advanceTimersByTime(30_000);
    jest.useRealTimers();
    await expect(call).rejects.toMatchObject({ problem: 'deadline-exceeded', status: 504 });
    open();
  });
});

describe('LIM-10: how long a caller waits', () => {
  it.each([
    ['http', {}, 30_000],
    ['grpc', {}, 10_000],
    ['grpc', { deadlineMs: 7_000 }, 7_000],
    ['grpc', { deadlineMs: 90_000 }, 60_000],
  ] as const)('is known to the work that is done for it: over %s, %j', async (name, options, mostMs) => {
    await wires[name].call(PlantTree, aTree(), { token: program, ...options });
    expect(sample.orchard.leftMs).toBeLessThanOrEqual(mostMs);
    expect(sample.orchard.leftMs).toBeGreaterThan(mostMs - 5_000);
  });
});

describe('a path that has other methods (API5-3)', () => {
  it.each(['PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])('says which, for %s', async (method) => {
    const answer = await new Promise<{ status: number; allow: string; type: string }>((resolve, reject) => {
      const path = `/sample/v1/organisations/${organisationId}/trees`;
      // Not by fetch, which refuses to send TRACE.
      request({ host: '127.0.0.1', port: sample.service.httpPort, path, method }, (response) => {
        response.resume();
        const { allow = '', 'content-type': type = '' } = response.headers;
        resolve({ status: response.statusCode ?? 0, allow, type });
      })
        .on('error', reject)
        .end();
    });
    expect(answer).toEqual({ status: 405, allow: 'GET, HEAD, POST', type: 'application/problem+json; charset=utf-8' });
  });
});
