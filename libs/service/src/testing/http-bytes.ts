import { connect } from 'node:net';
import fc from 'fast-check';

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'PRI'];
const ODD_METHODS = ['get', '', 'G\0ET', 'GET\t', 'QUERY', 'X'.repeat(300), 'GÉT'];
const VERSIONS = ['HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/9.9', 'http/1.1', 'HTTP/1.1 ', 'ICE/1.0', ''];
const LINE_ENDS = ['\n', '\r', '\r\n\r\n', '\r\r\n'];

const oddTargets = (path: string): string[] => [
  '*',
  '',
  `http://elsewhere${path}`,
  'elsewhere:443',
  '/%zz',
  '/%00',
  `/${path}`,
  `/..${path}`,
  `${path}/`,
  `${path}#part`,
  `${path} HTTP/1.1`,
  `${path}?limit=1&limit=2`,
  `${path}?${'a=b&'.repeat(200)}`,
  `${path}?__proto__[x]=1`,
  `/${'x'.repeat(2_100)}`,
  `/${'x'.repeat(20_000)}`,
  '/\xff\xfe',
  '\\',
];

/** Two framings that disagree, numbers that are none, and names that only some readers take for the same. */
const FRAMINGS = [
  'Content-Length: 5\r\nContent-Length: 6',
  'Content-Length: 5, 5',
  'Content-Length: -1',
  'Content-Length: +5',
  'Content-Length: 0x10',
  'Content-Length: 1e3',
  'Content-Length: 99999999999999999999',
  'Content-Length : 5',
  'Content-Length:\v5',
  'Transfer-Encoding: chunked\r\nContent-Length: 5',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding:\n chunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer_Encoding: chunked',
  ' Transfer-Encoding: chunked',
];

const HEADERS = [
  'Host: second',
  'Connection: close',
  'Connection: Upgrade\r\nUpgrade: websocket',
  'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
  'Expect: 100-continue',
  'Expect: a miracle',
  'Content-Type: application/x-www-form-urlencoded',
  'Content-Type: application/json; charset=utf-16',
  'Content-Type: application/json\t; a',
  'Content-Type: ',
  'Content-Encoding: gzip',
  'Accept: nothing/at-all',
  'Cookie: a=b; '.repeat(50),
  'If-Match: "v1", "v2"',
  'If-None-Match: *',
  'Range: bytes=0-,0-,0-',
  'Traceparent: 00-zz-zz-zz',
  'X-Forwarded-For: 127.0.0.1',
  'X-HTTP-Method-Override: DELETE',
  'Authorization: Bearer \xff',
  'X-Nul: a\0b',
  'X-Fold: a\r\n b',
  'No-Colon',
  ': no name',
  'N\xc3\xa4me: x',
  `X-Long: ${'x'.repeat(17_000)}`,
  ...Array.from({ length: 3 }, (_, i) =>
    Array(40 * (i + 1))
      .fill(`X-Many: ${i}`)
      .join('\r\n'),
  ),
];

const deep = (levels: number, open: string): string => open.repeat(levels);

const BODIES: readonly Buffer[] = [
  '',
  '{}',
  '[]',
  'null',
  '{"kind":"oak","kind":"elm","heightCm":1,"heightCm":"1"}',
  '{"__proto__":{"a":1},"constructor":{"prototype":{}}}',
  '{"heightCm":1e400}',
  '{"heightCm":00}',
  '{"kind":"\\ud800"}',
  '{"kind":"\\u0000"}',
  deep(33, '['),
  deep(50_000, '[{"a":'),
  'x'.repeat(300_000),
]
  .map((text) => Buffer.from(text))
  .concat([
    Buffer.from('{"kind":"\xff"}', 'latin1'),
    Buffer.from('\xef\xbb\xbf{}', 'latin1'),
    Buffer.from('\xff\xfe{\0}\0', 'latin1'),
    Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]),
  ]);

const CHUNKINGS = [
  (body: string) => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  (body: string) => `${body.length.toString(16)};a=b\r\n${body}\r\n0\r\nTrailer: x\r\n\r\n`,
  (body: string) => `${body.length.toString(16)};${'e'.repeat(20_000)}\r\n${body}\r\n0\r\n\r\n`,
  (body: string) => `${(body.length + 3).toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  (body: string) => `0x${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  (body: string) => `-1\r\n${body}\r\n0\r\n\r\n`,
  (body: string) => `fffffffffffffffff\r\n${body}`,
  (body: string) => `${body.length.toString(16)}\n${body}\n0\n\n`,
  (body: string) => `zz\r\n${body}\r\n`,
];

const mostly = <T>(usual: readonly T[], odd: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: odd });

const latin1 = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1'));

/** Who asks, and for what: the parts of a request that would be served. */
export type Usual = Readonly<{ paths: readonly string[]; token: string }>;

const framed = fc.record({
  body: fc.constantFrom(...BODIES),
  framing: fc.oneof(
    { weight: 4, arbitrary: fc.constant('length' as const) },
    { weight: 1, arbitrary: fc.constant('none' as const) },
    { weight: 2, arbitrary: fc.constantFrom(...CHUNKINGS) },
    { weight: 2, arbitrary: fc.constantFrom(...FRAMINGS) },
  ),
});

const withFraming = ({ body, framing }: { body: Buffer; framing: unknown }): { header: string; payload: Buffer } => {
  if (framing === 'none') return { header: '', payload: body };
  if (framing === 'length') return { header: `Content-Length: ${body.length}\r\n`, payload: body };
  if (typeof framing === 'string') return { header: `${framing}\r\n`, payload: body };
  const chunked = (framing as (text: string) => string)(body.toString('latin1'));
  return { header: 'Transfer-Encoding: chunked\r\n', payload: Buffer.from(chunked, 'latin1') };
};

const requestsOf = ({ paths, token }: Usual): fc.Arbitrary<Buffer> =>
  fc
    .record({
      method: mostly(METHODS, fc.oneof(fc.constantFrom(...ODD_METHODS), latin1)),
      target: mostly(paths, fc.oneof(fc.constantFrom(...paths.flatMap(oddTargets)), latin1)),
      version: mostly(['HTTP/1.1'], fc.oneof(fc.constantFrom(...VERSIONS), latin1)),
      end: mostly(['\r\n'], fc.constantFrom(...LINE_ENDS)),
      host: mostly(['Host: here\r\n'], fc.constant('')),
      type: mostly(['Content-Type: application/json\r\n'], fc.constant('')),
      more: fc.array(mostly(HEADERS, latin1), { maxLength: 3 }),
      sent: framed,
    })
    .map(({ method, target, version, end, host, type, more, sent }) => {
      const { header, payload } = withFraming(sent);
      const known = `Authorization: Bearer ${token}\r\nIdempotency-Key: ${'k'.repeat(20)}\r\n`;
      const lines = [`${method} ${target} ${version}${end}`, host, type, known, ...more.map((one) => `${one}${end}`)];
      return Buffer.concat([Buffer.from(`${lines.join('')}${header}${end}`, 'latin1'), payload]);
    });

/** What comes over a connection: a request or two, whole, cut short or damaged; now and then nothing but noise. */
export const bytesOf = (usual: Usual): fc.Arbitrary<Buffer> => {
  const damage = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) });
  const damaged = fc
    .tuple(requestsOf(usual), damage, fc.boolean())
    .map(([bytes, { at, byte }, cut]) =>
      cut
        ? bytes.subarray(0, 1 + (at % bytes.length))
        : Buffer.concat([
            bytes.subarray(0, at % bytes.length),
            Buffer.of(byte),
            bytes.subarray((at % bytes.length) + 1),
          ]),
    );
  return fc.oneof(
    { weight: 6, arbitrary: requestsOf(usual) },
    { weight: 3, arbitrary: damaged },
    { weight: 2, arbitrary: fc.tuple(requestsOf(usual), requestsOf(usual)).map((two) => Buffer.concat(two)) },
    { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 400 }).map((bytes) => Buffer.from(bytes)) },
  );
};

/** All that came back before the server closed, and whether it did. */
export type Exchange = Readonly<{ text: string; closed: boolean }>;

const HANG_MS = 20_000;

/**
 * Sends bytes as they are and ends its side once an answer has come or `patience` ms are over. A server that has not closed
 * its own side 20 s after that hangs.
 */
export const exchange = (port: number, bytes: Buffer, patience: number): Promise<Exchange> =>
  new Promise((resolve) => {
    let text = '';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.write(bytes));
    const hang = setTimeout(() => done(false), HANG_MS + patience);
    let quiet = setTimeout(() => socket.end(), patience);
    const done = (closed: boolean): void => {
      clearTimeout(hang);
      clearTimeout(quiet);
      socket.destroy();
      resolve({ text, closed });
    };
    socket.on('data', (data) => {
      text += data.toString('latin1');
      clearTimeout(quiet);
      quiet = setTimeout(() => socket.end(), 20);
    });
    socket.on('end', () => socket.end());
    // A server that stops reading may well reset what it has not read.
    socket.on('error', () => undefined);
    socket.on('close', () => done(true));
  });

/** One answer of an exchange. */
export type RawAnswer = Readonly<{ status: number; type: string; body: string }>;

/** The answers in an exchange, in their order. */
export const answersIn = (text: string): RawAnswer[] =>
  text
    .split(/(?=HTTP\/1\.1 \d{3} )/)
    .filter((part) => part !== '')
    .map((part) => {
      const [head = '', ...rest] = part.split('\r\n\r\n');
      const type = /^content-type: (.*)$/im.exec(head)?.[1] ?? '';
      return { status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]), type, body: rest.join('\r\n\r\n') };
    });
