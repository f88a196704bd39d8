import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { problemBody } from './error-filter';
import { ofHttpStatus } from './problem';

// The last request of a connection, by its answer.
const pending = new WeakMap<Duplex, ServerResponse>();

const STATUSES: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

// Closing at once, with bytes unread, would be a reset that overtakes the answer; waiting for the other side would hold a
// connection, and the drain, for as long as it likes.
const LINGER_MS = 1_000;

const leaving = new WeakSet<Duplex>();

const leave = (socket: Duplex): void => {
  if (leaving.has(socket)) return;
  leaving.add(socket);
  socket.on('error', () => undefined).resume();
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
};

/**
 * Tells that a request has come, so that a fault behind it on the same connection is not taken for its answer, and that an
 * answer that ends the connection before all of the request was read arrives.
 */
export const noteRequest = (request: IncomingMessage, answer: ServerResponse): void => {
  const { socket } = request;
  pending.set(socket, answer);
  answer.once('prefinish', () => {
    if (request.complete) return;
    // Node closes by this, both ways and at once.
    socket.destroySoon = () => {
      socket.end();
      leave(socket);
    };
  });
};

const refuse = (socket: Duplex, status: number): void => {
  const body = JSON.stringify(problemBody(ofHttpStatus(status), '', undefined));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'x-content-type-options: nosniff',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  leave(socket);
};

// Whether a request came before the fault that may well have been done: then only its own answer tells.
const mayBeDone = (before: ServerResponse | undefined): before is ServerResponse =>
  before !== undefined && before.req.complete && !before.writableFinished;

// Whether the fault lies in the rest of a request that was refused before it was read.
const isAnswered = (before: ServerResponse | undefined): boolean =>
  before !== undefined && before.headersSent && !before.req.complete;

/** What Node itself refuses, before there is a request: no hook and no trace of ours applies. */
export const refuseConnection = (error: Error & { code?: string }, socket: Socket): void => {
  if (error.code === 'ECONNRESET') return void socket.destroy();
  if (!socket.writable) return leave(socket);
  const before = pending.get(socket);
  if (mayBeDone(before)) return void before.once('close', () => socket.destroy());
  if (isAnswered(before)) return void socket.destroy();
  refuse(socket, STATUSES[error.code ?? ''] ?? 400);
};

/** Takes over what Node would answer on its own: nothing at all to CONNECT, an empty page to an unknown expectation. */
export const refuseOddities = (server: Server): void => {
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    refuse(socket, 400);
  });
  server.on('checkExpectation', ({ socket }: IncomingMessage) => {
    refuse(socket, 417);
  });
};

/** Whether it names one host, as HTTP/1.1 wants: two readers could each believe another one (RFC 9112 §3.2). */
export const namesOneHost = ({ httpVersion, rawHeaders }: IncomingMessage): boolean => {
  if (httpVersion !== '1.1') return true;
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i]?.toLowerCase() === 'host') hosts += 1;
  return hosts === 1;
};
