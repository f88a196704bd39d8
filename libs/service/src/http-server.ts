import type { FastifyHttpOptions, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import helmet from '@fastify/helmet';
import type { Server } from 'node:http';
import { sendProblem } from './error-filter';
import { namesOneHost, noteRequest, refuseConnection, refuseOddities } from './http-connection';
import { parseJsonBody } from './json-body';
import { KnownRoutes } from './known-routes';
import { ofHttpStatus } from './problem';
import { inTrace, startTrace, traceparentOf } from './trace';

const BODY_LIMIT_BYTES = 256 * 1024;
const MAX_URL_LENGTH = 2_048;

/** Limits in ms and bytes. Keep-alive is longer than the 60 s of common proxies, so that they close first. */
export const HTTP_OPTIONS = {
  bodyLimit: BODY_LIMIT_BYTES,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  http: {
    headersTimeout: 10_000,
    maxHeaderSize: 16 * 1024,
    // Node looks for slow clients this often; its own 30 s would let them stay for 60.
    connectionsCheckingInterval: 1_000,
    // Node would answer with an empty page; the first hook looks itself.
    requireHostHeader: false,
  },
  forceCloseConnections: 'idle',
  // While draining, a request on an open connection is still answered, and told that it was the last one.
  return503OnClosing: false,
  clientErrorHandler: refuseConnection,
  frameworkErrors: (error, request, reply) => void sendProblem(ofHttpStatus(error.statusCode ?? 400), request, reply),
} as const satisfies FastifyHttpOptions<Server>;

/** One finished request; `code` is ok or the problem's code. */
export type FinishedRequest = Readonly<{
  method: string;
  route: string;
  status: number;
  code: string;
  seconds: number;
}>;

/** Prepares the server: JSON bodies only, a trace around each request, safe headers, and word of each that is finished. */
export const prepareHttp = (
  server: FastifyInstance,
  finished: (request: FinishedRequest) => void,
  isDraining: () => boolean,
): void => {
  void server.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"] } },
  });
  refuseOddities(server.server);
  const routes = new KnownRoutes();
  server.decorate('knownRoutes', routes);
  server.addHook('onRoute', ({ url, method }) => routes.add(url, [method].flat()));
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES },
    (_, body, done) => {
      try {
        done(null, parseJsonBody(body as Buffer));
      } catch (error) {
        done(error as Error);
      }
    },
  );
  // Bulk imports read their lines as they come; an operation that gets such a body answers 415.
  server.addContentTypeParser('application/x-ndjson', (_request, payload, done) => done(null, payload));
  server.addHook('onRequest', (request, reply, done) => {
    const { traceparent } = request.headers;
    request.trace = startTrace(typeof traceparent === 'string' ? traceparent : undefined);
    void reply.headers({ 'cache-control': 'no-store', traceresponse: traceparentOf(request.trace) });
    noteRequest(request.raw, reply.raw);
    if (!namesOneHost(request.raw)) void sendProblem(ofHttpStatus(400), request, reply);
    else if (request.url.length > MAX_URL_LENGTH) void sendProblem(ofHttpStatus(414), request, reply);
    else inTrace(request.trace, done);
  });
  // Reading a body leaves the context that the first hook opened.
  server.addHook('preHandler', (request, _reply, done) => inTrace(request.trace ?? startTrace(), done));
  server.addHook('onSend', (_request, reply, _payload, done) => {
    // Closing the server ends idle connections; one that becomes idle later would keep it open for its 65 s.
    if (isDraining()) void reply.header('connection', 'close');
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    inTrace(request.trace ?? startTrace(), () => finished(accountOf(request, reply)));
    done();
  });
};

const accountOf = (request: FastifyRequest, reply: FastifyReply): FinishedRequest => ({
  method: request.method,
  // The pattern, not the address: what a client types must not reach the log.
  route: request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched'),
  status: reply.statusCode,
  code: request.problemCode ?? (reply.statusCode < 400 ? 'ok' : `status-${reply.statusCode}`),
  seconds: reply.elapsedTime / 1000,
});
