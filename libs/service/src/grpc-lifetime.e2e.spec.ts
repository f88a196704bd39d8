import { randomUUID } from 'node:crypto';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { testIssuer, type TestIssuer } from './testing';
import { startSample } from './testing/sample/start-sample';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

const organisationId = randomUUID();
let issuer: TestIssuer;
let sample: Awaited<ReturnType<typeof startSample>>;
let token: string;

beforeAll(async () => {
  issuer = await testIssuer();
  sample = await startSample(issuer);
  token = await issuer.token('operations', organisationId);
  // So that the keys are there: they could not be fetched while minutes pass at once.
  const { client, list } = aClient();
  await list();
  client.close();
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});
afterAll(async () => {
  await sample.service.stop();
  await issuer.stop();
});

// What waits for data from outside stays real.
const REAL = ['nextTick', 'setImmediate', 'setInterval', 'queueMicrotask', 'hrtime'] as const;

const aConnection = async (): Promise<ClientHttp2Session> => {
  const session = connect(`http://127.0.0.1:${sample.service.grpcPort}`);
  await new Promise((resolve) => session.once('remoteSettings', resolve));
  return session;
};
const headersFor = (rpc: string) => ({
  ':method': 'POST',
  ':path': `/sample.v1.SampleService/${rpc}`,
  'content-type': 'application/grpc',
  te: 'trailers',
  authorization: `Bearer ${token}`,
});
const ping = (session: ClientHttp2Session): Promise<boolean> =>
  new Promise((resolve) => session.ping((error) => resolve(error === null)));
const closed = (session: ClientHttp2Session): Promise<void> =>
  session.destroyed ? Promise.resolve() : new Promise((resolve) => session.once('close', resolve));

/** A stream that stays open, and says whatever it is told. */
const anEcho = (session: ClientHttp2Session) => {
  const stream: ClientHttp2Stream = session.request(headersFor('Echo'));
  stream.on('error', () => undefined);
  const sayOnce = (): Promise<void> =>
    new Promise((resolve) => {
      stream.once('data', () => resolve());
      stream.write(Buffer.from([0, 0, 0, 0, 4, 0x0a, 2, 0x68, 0x69]));
    });
  // A ping of the service has come before the first answer, and been answered before the second.
  const say = () => sayOnce().then(sayOnce);
  return { stream, say };
};

const aClient = () => {
  const client = new Client(`127.0.0.1:${sample.service.grpcPort}`, credentials.createInsecure(), {
    'grpc.client_idle_timeout_ms': 60 * MINUTE_MS,
    'grpc.use_local_subchannel_pool': 1,
  });
  const raw = (bytes: Buffer) => bytes;
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  /** Null, or the error. */
  const call = (rpc: string, bytes: Buffer): Promise<unknown> =>
    new Promise((resolve) => {
      const until = { deadline: Date.now() + MINUTE_MS };
      client.makeUnaryRequest(`/sample.v1.SampleService/${rpc}`, raw, raw, bytes, metadata, until, resolve);
    });
  return { client, call, list: () => call('ListTrees', messageOf({ 1: organisationId })) };
};
const messageOf = (fields: Record<number, string>): Buffer => {
  const bytes = new BinaryWriter();
  for (const [field, value] of Object.entries(fields)) bytes.tag(Number(field), WireType.LengthDelimited).string(value);
  return Buffer.from(bytes.finish());
};
const aTree = (): Buffer => messageOf({ 1: randomUUID(), 3: organisationId, 4: randomUUID(), 5: 'oak' });

describe('LIM-11: a connection', () => {
  it('that is idle is asked every minute whether it is there, and ends after 15 minutes', async () => {
    jest.useFakeTimers({ doNotFake: [...REAL] });
    const session = await aConnection();
    let asked = 0;
    session.on('ping', () => (asked += 1));
    for (let minute = 1; minute < 15; minute += 1) {
      jest.advanceTimersByTime(MINUTE_MS);
      expect([await ping(session), await ping(session)]).toEqual([true, true]);
      expect(asked).toBe(minute);
    }
    jest.advanceTimersByTime(MINUTE_MS - 1);
    expect(await ping(session)).toBe(true);
    const end = closed(session);
    jest.advanceTimersByTime(1);
    await end;
  });

  it('that does not say that it is there ends after 20 s', async () => {
    jest.useFakeTimers({ doNotFake: [...REAL] });
    const session = await aConnection();
    // All at once, so that nothing can come back.
    jest.advanceTimersByTime(MINUTE_MS + 20 * SECOND_MS);
    await closed(session);
  });

  it('of 30 minutes is told to go, and has 30 s for what runs', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0.5); // the age varies by a tenth
    jest.useFakeTimers({ doNotFake: [...REAL, 'Date', 'performance'] });
    const session = await aConnection();
    const ending = new Promise<unknown[]>((resolve) =>
      session.once('goaway', (code: number, _: number, why?: Buffer) => resolve([code, why?.toString()])),
    );
    const { stream, say } = anEcho(session);
    for (let minute = 1; minute < 30; minute += 1) {
      jest.advanceTimersByTime(MINUTE_MS);
      await say();
    }
    jest.advanceTimersByTime(MINUTE_MS - 1);
    await say();
    expect(session.closed).toBe(false);
    jest.advanceTimersByTime(1);
    expect(await ending).toEqual([0, 'max_age']);
    await say();
    jest.advanceTimersByTime(30 * SECOND_MS - 1);
    await say();
    expect(stream.closed).toBe(false);
    jest.advanceTimersByTime(1);
    await closed(session);
  });

  it('that is told to go costs its client no call', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
    jest.useFakeTimers({ doNotFake: [...REAL, 'Date', 'performance'] });
    const { client, call, list } = aClient();
    for (let minute = 1; minute < 30; minute += 1) {
      expect([await list(), await list()]).toEqual([null, null]);
      jest.advanceTimersByTime(MINUTE_MS);
    }
    expect([await list(), await list()]).toEqual([null, null]);
    jest.advanceTimersByTime(MINUTE_MS - 1);
    let open = (): void => undefined;
    sample.orchard.gate = new Promise((resolve) => (open = resolve));
    const arrived = new Promise<void>((resolve) => sample.orchard.arrived.push(resolve));
    const running = call('PlantTree', aTree());
    await arrived;
    jest.advanceTimersByTime(1);
    expect(await list()).toBeNull();
    open();
    expect(await running).toBeNull();
    client.close();
  });
});

describe('LIM-11: calls on one connection', () => {
  it('are 100 at once; the next one waits for one of them to end', async () => {
    let open = (): void => undefined;
    sample.orchard.gate = new Promise((resolve) => (open = resolve));
    const before = sample.orchard.begun;
    const begun = async (calls: number): Promise<void> => {
      while (sample.orchard.begun < before + calls) await new Promise(setImmediate);
    };
    const { client, call } = aClient();
    const running = Array.from({ length: 101 }, () => call('PlantTree', aTree()));
    await begun(100);
    // Another connection is served meanwhile, so the service has had the time to take up the last one too.
    const other = aClient();
    expect(await other.list()).toBeNull();
    expect(sample.orchard.begun).toBe(before + 100);
    open();
    expect(await Promise.all(running)).toEqual(Array(101).fill(null));
    expect(sample.orchard.begun).toBe(before + 101);
    client.close();
    other.client.close();
  });
});
