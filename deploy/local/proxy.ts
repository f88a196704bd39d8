import { Agent, createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';

/** A running proxy. */
export type Proxy = Readonly<{ url: string; close: () => Promise<void> }>;

// These are between two neighbours (RFC 9110 §7.6.1); `expect` has been answered by our own server already.
const HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'upgrade',
  'expect',
]);

/** All headers but those of the hop, as they came: repeated ones stay repeated. */
const endToEnd = (rawHeaders: readonly string[]): string[] => {
  const kept: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    if (!HOP.has(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
};

const problem = (outgoing: ServerResponse, status: number, code: string, title: string): void => {
  const retry = status === 503 ? { 'retry-after': '1' } : {};
  const instance = outgoing.req.url?.split('?')[0] ?? '';
  outgoing.writeHead(status, { 'content-type': 'application/problem+json', ...retry });
  outgoing.end(
    JSON.stringify({ type: `urn:oppi:problem:${code}`, title, status, detail: title, instance, code, errors: [] }),
  );
};

const forward = (incoming: IncomingMessage, outgoing: ServerResponse, port: number, agent: Agent): void => {
  const upstream = send({
    host: '127.0.0.1',
    port,
    agent,
    method: incoming.method,
    path: incoming.url,
    headers: endToEnd(incoming.rawHeaders),
  });
  upstream.once('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer.rawHeaders));
    // A service that breaks off must look broken off to the client too: pipeline destroys the other side.
    pipeline(answer, outgoing, () => undefined);
  });
  upstream.once('error', () => {
    if (outgoing.writableEnded) return; // it has answered, and does not read the rest
    if (outgoing.headersSent) outgoing.destroy();
    else problem(outgoing, 503, 'service-unavailable', 'The service does not answer now.');
  });
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) upstream.destroy(); // the client went away
  });
  incoming.pipe(upstream);
  // What the client still sends after an early refusal is read and dropped: a reset would overtake the answer.
  upstream.once('close', () => incoming.unpipe(upstream).resume());
};

/**
 * Starts the one door to all services on 127.0.0.1: the first segment of the path picks the port. It streams both ways,
 * passes every header and adds none, so a service sees what the client sent.
 */
export const startProxy = async (port: number, services: Readonly<Record<string, number>>): Promise<Proxy> => {
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, outgoing) => {
    const name = /^\/([^/?]+)/.exec(incoming.url ?? '')?.[1] ?? '';
    const target = Object.hasOwn(services, name) ? services[name] : undefined;
    if (target === undefined) return problem(outgoing, 404, 'unknown-route', 'No service has this path.');
    forward(incoming, outgoing, target, agent);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };
};
