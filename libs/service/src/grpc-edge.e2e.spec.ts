import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { randomUUID } from 'node:crypto';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { bothWires, testIssuer, type TestIssuer } from './testing';
import { PlantTree } from './testing/sample/sample';
import { startSample } from './testing/sample/start-sample';
import { decodeStatus } from './testing/status-details';

const organisationId = randomUUID();
let issuer: TestIssuer;
let sample: Awaited<ReturnType<typeof startSample>>;
let client: Client;
let token: string;

beforeAll(async () => {
  issuer = await testIssuer();
  sample = await startSample(issuer);
  client = new Client(`127.0.0.1:${sample.service.grpcPort}`, credentials.createInsecure());
  token = await issuer.token('operations', organisationId);
});

afterAll(async () => {
  client.close();
  await sample.service.stop();
  await issuer.stop();
});

const metadata = (more: Record<string, string> = {}): Metadata => {
  const made = new Metadata();
  for (const [name, value] of Object.entries(more)) made.set(name, value);
  return made;
};

const raw = (bytes: Buffer) => bytes;

const send = (rpc: string, bytes: Buffer, about: Metadata): Promise<ServiceError | null> =>
  new Promise((resolve) => {
    client.makeUnaryRequest(`/sample.v1.SampleService/${rpc}`, raw, raw, bytes, about, (error) => resolve(error));
  });

const codeOf = (error: ServiceError | null): string | undefined => {
  const [details] = error?.metadata.get('grpc-status-details-bin') ?? [];
  return Buffer.isBuffer(details) ? decodeStatus(details).code : undefined;
};

describe('a call that cannot be served', () => {
  it("is the caller's fault when its bytes cannot be read", async () => {
    const error = await send('GetTree', Buffer.from([0x0a, 0xff]), metadata({ authorization: `Bearer ${token}` }));
    expect([error?.code, codeOf(error)]).toEqual([3, 'request-malformed']);
  });

  it('LIM-09, ERR-02: is refused when its metadata is over 8 KiB', async () => {
    const error = await send('GetTree', Buffer.alloc(0), metadata({ 'x-long': 'x'.repeat(8_200) }));
    expect([error?.code, codeOf(error)]).toEqual([8, 'headers-too-large']);
  });

  it('LIM-08: may bring 1 MiB and not a byte more', async () => {
    const about = metadata({ authorization: `Bearer ${token}` });
    expect(codeOf(await send('GetTree', Buffer.alloc(1024 * 1024), about))).toBe('invalid-request');
    const error = await send('GetTree', Buffer.alloc(1024 * 1024 + 1), about);
    expect([error?.code, codeOf(error)]).toEqual([8, 'body-too-large']);
  });

  // By hand, for no client of grpc-js can be made to send such things.
  const sendRaw = ({ flag, times = 1, ...headers }: { flag: number; times?: number }): Promise<IncomingHttpHeaders> =>
    new Promise((resolve) => {
      const session = connect(`http://127.0.0.1:${sample.service.grpcPort}`);
      const path = '/sample.v1.SampleService/GetTree';
      const usual = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' };
      const stream = session.request({ ...usual, authorization: `Bearer ${token}`, ...headers });
      stream.on('response', (answer) => {
        resolve(answer);
        session.destroy();
      });
      stream.end(Buffer.from(Array(times).fill([flag, 0, 0, 0, 1, 0xff]).flat() as number[]));
    });

  it.each([
    ['a deadline that is none', { flag: 0, 'grpc-timeout': 'soon' }, 3, 'request-malformed'],
    ['bytes that do not unpack', { flag: 1, 'grpc-encoding': 'gzip' }, 3, 'request-malformed'],
    ['a second message', { flag: 0, times: 2 }, 12, 'request-malformed'],
    ['a compression nobody knows', { flag: 1, 'grpc-encoding': 'zstd' }, 12, 'media-type-not-supported'],
  ])('ERR-02: is refused with its details also where grpc-js does it by itself: %s', async (_, sent, code, why) => {
    const answer = await sendRaw(sent);
    const details = Buffer.from(String(answer['grpc-status-details-bin']), 'base64');
    expect([Number(answer['grpc-status']), decodeStatus(details).code]).toEqual([code, why]);
  });

  it('is unimplemented when there is no such rpc', async () => {
    expect(await send('Nothing', Buffer.alloc(0), metadata())).toMatchObject({ code: 12 });
  });

  it('LIM-10, ERR-02: is ended after 10 s when it brought no deadline', async () => {
    const wires = bothWires(sample.service);
    let open = (): void => undefined;
    sample.orchard.gate = new Promise((resolve) => (open = resolve));
    const arrived = new Promise<void>((resolve) => sample.orchard.arrived.push(resolve));
    jest.useFakeTimers({
      doNotFake: ['Date', 'nextTick', 'setImmediate', 'setInterval', 'queueMicrotask', 'performance', 'hrtime'],
    });
    const tree = { organisationId, treeId: randomUUID(), kind: 'oak', heightCm: 1 };
    const call = wires.grpc.call(PlantTree, tree, { token });
    await arrived;
    jest.advanceTimersByTime(10_000);
    jest.useRealTimers();
    await expect(call).rejects.toMatchObject({ status: 4, problem: 'deadline-exceeded' });
    open();
    wires.close();
  });
});

describe('a message of another client', () => {
  it('means zero and false by what it leaves out, as proto3 does', async () => {
    const treeId = randomUUID();
    const bytes = new BinaryWriter();
    const fields = { 1: randomUUID(), 3: organisationId, 4: treeId, 5: 'oak' };
    for (const [field, value] of Object.entries(fields))
      bytes.tag(Number(field), WireType.LengthDelimited).string(value);
    const about = metadata({ authorization: `Bearer ${token}` });
    expect(await send('PlantTree', Buffer.from(bytes.finish()), about)).toBeNull();
    expect(sample.orchard.trees.get(treeId)).toMatchObject({ heightCm: 0, evergreen: false, branches: [] });
  });
});

describe('a raw stream', () => {
  const echo = (about: Metadata) => {
    const stream = client.makeBidiStreamRequest('/sample.v1.SampleService/Echo', raw, raw, about);
    return new Promise<string>((resolve, reject) => {
      stream.on('data', (data: Buffer) => resolve(data.toString()));
      stream.on('error', reject);
      stream.write(Buffer.from([0x0a, 2, 0x68, 0x69]));
      stream.end();
    });
  };

  it('is guarded like any handler, and a refusal ends the call, not the process', async () => {
    const lost: unknown[] = [];
    const note = (error: unknown): void => void lost.push(error);
    process.on('unhandledRejection', note);
    await expect(echo(metadata())).rejects.toMatchObject({ code: 16 });
    const manager = await issuer.token('manager', organisationId);
    await expect(echo(metadata({ authorization: `Bearer ${manager}` }))).rejects.toMatchObject({ code: 7 });
    await new Promise(setImmediate);
    process.off('unhandledRejection', note);
    expect(lost).toEqual([]);
  });

  it('knows its caller', async () => {
    await expect(echo(metadata({ authorization: `Bearer ${token}` }))).resolves.toContain('operations');
  });
});
