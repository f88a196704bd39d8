import { randomUUID } from 'node:crypto';
import { type ClientHttp2Session, connect } from 'node:http2';
import { testIssuer, type TestIssuer } from './testing';
import { startSample } from './testing/sample/start-sample';

let issuer: TestIssuer;
let sample: Awaited<ReturnType<typeof startSample>>;

beforeAll(async () => {
  issuer = await testIssuer();
  sample = await startSample(issuer);
});

afterAll(async () => {
  await sample.service.stop();
  await issuer.stop();
});

type End = { code: number; why: string };

const aConnection = async () => {
  const session = connect(`http://127.0.0.1:${sample.service.grpcPort}`).on('error', () => undefined);
  const ended = new Promise<End>((resolve) => {
    session.on('goaway', (code: number, _: number, data?: Buffer) => resolve({ code, why: data?.toString() ?? '' }));
    session.on('close', () => resolve({ code: 0, why: 'closed' }));
  });
  await Promise.race([new Promise((resolve) => session.once('remoteSettings', resolve)), ended]);
  return { session, ended };
};

const ping = (session: ClientHttp2Session): Promise<boolean> =>
  new Promise((resolve) => session.ping((error) => resolve(error === null)) || resolve(false));

const isLetIn = async (): Promise<boolean> => {
  const { session } = await aConnection();
  const answered = await ping(session).catch(() => false);
  session.destroy();
  return answered;
};

/** A call that is refused for its lack of a token: that is activity all the same. */
const call = async (session: ClientHttp2Session): Promise<void> => {
  const stream = session.request({
    ':method': 'POST',
    ':path': '/sample.v1.SampleService/ListTrees',
    'content-type': 'application/grpc',
  });
  stream.resume().end();
  await new Promise((resolve) => stream.once('close', resolve));
};

describe('connections of one peer', () => {
  it('LIM-12: may be 200; one more is told to come down, and one that ended makes room', async () => {
    const held = await Promise.all(Array.from({ length: 200 }, aConnection));
    const over = await aConnection();
    expect(await over.ended).toEqual({ code: 11, why: 'too_many_connections' });
    const [first] = held;
    await new Promise<void>((resolve) => first?.session.close(resolve));
    const next = await aConnection();
    expect(await ping(next.session)).toBe(true);
    for (const { session } of [...held, over, next]) session.destroy();
    // The server hears of it a little later.
    while (!(await isLetIn()));
  });
});

describe('pings without anything to do', () => {
  it('LIM-12, F74: are two in ten seconds; the third ends the connection', async () => {
    const { session, ended } = await aConnection();
    expect([await ping(session), await ping(session)]).toEqual([true, true]);
    void ping(session);
    expect(await ended).toEqual({ code: 11, why: 'too_many_pings' });
  });

  it('are counted anew after each call', async () => {
    const { session } = await aConnection();
    for (let round = 0; round < 3; round += 1) {
      expect([await ping(session), await ping(session)]).toEqual([true, true]);
      await call(session);
    }
    session.destroy();
  });

  it('are counted in the figures', async () => {
    const metrics = await (await fetch(`${sample.url}/metrics?${randomUUID()}`)).text();
    expect(metrics).toMatch(/oppi_grpc_connections_refused_total(\{.*\})? [2-9]/);
  });
});
