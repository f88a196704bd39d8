import { randomUUID } from 'node:crypto';
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2';
import { deflateSync, gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { testIssuer, type TestIssuer } from './testing';
import { startSample } from './testing/sample/start-sample';

const CASES = Number(process.env['FUZZ_CASES'] ?? 1_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const AT_ONCE = 50;
const TIME_MS = 300_000;

let issuer: TestIssuer;
let sample: Awaited<ReturnType<typeof startSample>>;
let token: string;

beforeAll(async () => {
  issuer = await testIssuer();
  sample = await startSample(issuer);
  token = await issuer.token('manager', randomUUID());
});

afterAll(async () => {
  await sample.service.stop();
  await issuer.stop();
});

type Sent = Readonly<{ headers: OutgoingHttpHeaders; body: Buffer }>;

const framed = (flag: number, length: number, message: Uint8Array): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt8(flag);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
};

// Varints without an end, wire types that do not exist, lengths beyond the message, groups, and what is no UTF-8.
const messages = fc.oneof(
  fc.uint8Array({ maxLength: 100 }),
  fc.constantFrom(
    Buffer.alloc(0),
    Buffer.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x07),
    Buffer.alloc(64, 0x80),
    Buffer.of(0x0a, 2, 0xff, 0xfe),
    Buffer.of(0x0b, 0x0b, 0x0b),
    Buffer.alloc(30_000, 0x0b),
    Buffer.of(0x0f),
    Buffer.of(0),
    Buffer.alloc(1024 * 1024 + 1),
  ),
  fc.uint8Array({ maxLength: 100 }).map((bytes) => gzipSync(bytes)),
  fc.constantFrom(gzipSync(Buffer.alloc(50_000_000)), deflateSync(Buffer.alloc(50_000_000))), // bombs
);

const bodies = fc.oneof(
  messages.map((message) => framed(0, message.length, message)),
  fc
    .record({
      flag: fc.constantFrom(0, 1, 2, 255),
      length: fc.constantFrom(0, 1, 5, 2 ** 20 + 1, 2 ** 31, 2 ** 32 - 1),
      message: messages,
    })
    .map(({ flag, length, message }) => framed(flag, length, message)),
  messages.map((message) => framed(1, message.length, message)),
  fc.tuple(messages, messages).map((two) => Buffer.concat(two.map((one) => framed(0, one.length, one)))),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
);

const oddHeaders: fc.Arbitrary<OutgoingHttpHeaders> = fc.constantFrom(
  { ':method': 'GET' },
  { ':path': '/' },
  { ':path': '/sample.v1.SampleService/Nothing' },
  { ':path': `/${'x'.repeat(7_000)}` },
  { 'content-type': 'application/json' },
  { 'content-type': 'application/grpc+thrift' },
  { 'content-type': '' },
  { 'grpc-timeout': 'x' },
  { 'grpc-timeout': '-1S' },
  { 'grpc-timeout': '99999999H' },
  { 'grpc-timeout': '1n' },
  { 'grpc-encoding': 'gzip' },
  { 'grpc-encoding': 'deflate' },
  { 'grpc-encoding': 'zstd' },
  { 'grpc-encoding': 'gzip', 'grpc-accept-encoding': ',,,' },
  { 'some-bin': '%%%' },
  { authorization: 'Bearer \xff' },
  { traceparent: '00-zz' },
  { 'x-many': 'x'.repeat(8_200) },
);

const cases: fc.Arbitrary<Sent> = fc
  .record({
    rpc: fc.constantFrom('PlantTree', 'PruneTree', 'GetTree', 'ListTrees', 'Fail', 'Echo'),
    odd: fc.option(oddHeaders, { nil: {} }),
    body: bodies,
  })
  .map(({ rpc, odd, body }) => ({
    headers: {
      ':method': 'POST',
      ':path': `/sample.v1.SampleService/${rpc}`,
      'content-type': 'application/grpc',
      te: 'trailers',
      authorization: `Bearer ${token}`,
      ...odd,
    },
    body,
  }));

type Ended = { http: number; grpc: number | undefined; details: string };

const send = (session: ClientHttp2Session, { headers, body }: Sent): Promise<Ended> =>
  new Promise((resolve) => {
    const ended: Ended = { http: 0, grpc: undefined, details: '' };
    const note = (more: OutgoingHttpHeaders): void => {
      ended.http = Number(more[':status'] ?? ended.http);
      if (more['grpc-status'] === undefined) return;
      ended.grpc = Number(more['grpc-status']);
      ended.details = decodeURIComponent(String(more['grpc-message'] ?? ''));
    };
    const stream = session.request(headers);
    stream.on('response', note).on('trailers', note).resume();
    // A reset is an end too, as long as an answer came before it.
    stream.on('error', () => undefined).on('close', () => resolve(ended));
    stream.end(body);
  });

// What grpc-js itself makes of frames and headers that no handler of ours ever sees.
const FRAMING = /^(Failed to decompress message|Invalid grpc-timeout value)/;

const faultOf = ({ http, grpc, details }: Ended): string | undefined => {
  if (http === 415 || http === 405) return undefined;
  if (grpc === undefined) return 'no answer';
  const ours: number[] = [status.UNKNOWN, status.DATA_LOSS, ...(FRAMING.test(details) ? [] : [status.INTERNAL])];
  return ours.includes(grpc) ? 'a fault of ours' : undefined;
};

describe(`bytes that are hardly gRPC as bad input (F81; seed ${SEED}, ${CASES} cases)`, () => {
  it(
    'are refused, never a fault, and never left waiting',
    async () => {
      const met = new Set<number | undefined>();
      const written = jest.spyOn(console, 'error').mockImplementation();
      const batches = fc.array(cases, { minLength: AT_ONCE, maxLength: AT_ONCE });
      await fc.assert(
        fc.asyncProperty(batches, async (batch) => {
          const session = connect(`http://127.0.0.1:${sample.service.grpcPort}`).on('error', () => undefined);
          const ends = await Promise.all(batch.map((one) => send(session, one)));
          session.destroy();
          ends.forEach((ended, i) => {
            met.add(ended.grpc);
            const fault = faultOf(ended);
            const { headers, body } = batch[i] as Sent;
            const about = `${JSON.stringify({ ...headers, authorization: '…' })} ${body.toString('hex').slice(0, 400)}`;
            if (fault) throw new Error(`${fault}: ${JSON.stringify(ended)} to ${about}`);
          });
        }),
        { seed: SEED, numRuns: Math.ceil(CASES / AT_ONCE), endOnFailure: true },
      );
      const { INVALID_ARGUMENT, UNAUTHENTICATED, UNIMPLEMENTED, RESOURCE_EXHAUSTED } = status;
      expect([...met]).toEqual(
        expect.arrayContaining([INVALID_ARGUMENT, UNAUTHENTICATED, UNIMPLEMENTED, RESOURCE_EXHAUSTED]),
      );
      // grpc-js itself would write what it cannot read, tokens included.
      expect(written).not.toHaveBeenCalled();
      expect(await sample.service.ready()).toEqual([]);
      expect(sample.lines.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
    },
    TIME_MS,
  );
});
