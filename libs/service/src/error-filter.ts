import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { throwError } from 'rxjs';
import { grpcErrorOf } from './grpc-status';
import { LOG, type Log } from './log';
import type { KnownRoutes } from './known-routes';
import { methodNotAllowed, ofHttpStatus, type Problem, problemOf, WIRE } from './problem';
import { currentTrace, type Trace } from './trace';

/** The body of RFC 9457 for a problem. */
export const problemBody = (problem: Problem, instance: string, traceId: string | undefined) => ({
  type: `urn:oppi:problem:${problem.code}`,
  title: WIRE[problem.kind].title,
  status: problem.httpStatus ?? WIRE[problem.kind].http,
  detail: problem.message,
  // The path only: a query string may hold what nobody should repeat.
  instance: instance.split('?')[0],
  code: problem.code,
  traceId,
  errors: problem.violations.map(({ pointer, message }) => ({ pointer, detail: message })),
});

/** Sends a problem over REST. */
export const sendProblem = (problem: Problem, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const { http } = WIRE[problem.kind];
  const retryAfterSeconds = problem.retryAfterSeconds ?? WIRE[problem.kind].retryAfterSeconds;
  request.problemCode = problem.code;
  void reply.headers(problem.headers ?? {});
  if (problem.kind === 'unauthenticated') void reply.header('www-authenticate', 'Bearer error="invalid_token"');
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds));
  return reply
    .status(problem.httpStatus ?? http)
    .type('application/problem+json')
    .send(JSON.stringify(problemBody(problem, request.url, request.trace?.traceId)));
};

// Nest asks nobody whether the path exists under another method.
const atKnownPath = (request: FastifyRequest): Problem | undefined => {
  const methods = request.is404 ? request.server.knownRoutes.methodsAt(request.url) : [];
  return methods.length > 0 ? methodNotAllowed(methods) : undefined;
};

// Whoever breaks off while sending is no fault of ours or of what we need, though Node's error is that of a network.
const brokeOff = ({ raw }: FastifyRequest): boolean => raw.destroyed && !raw.complete;

/** The only place where an error becomes an answer, on both wires. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(@Inject(LOG) private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): unknown {
    const isHttp = host.getType() === 'http';
    const cut = isHttp && brokeOff(host.switchToHttp().getRequest<FastifyRequest>());
    const problem = cut ? ofHttpStatus(400) : problemOf(error);
    if (problem.kind === 'internal' || problem.kind === 'unavailable') this.report(error, problem);
    if (!isHttp) return throwError(() => grpcErrorOf(problem));
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    return sendProblem(atKnownPath(request) ?? problem, request, http.getResponse<FastifyReply>());
  }

  private report(error: unknown, { kind, code }: Problem): void {
    const err = error instanceof Error ? error : new Error('something that is no error was thrown');
    this.log[kind === 'internal' ? 'error' : 'warn'](
      { err, code, traced: currentTrace() !== undefined },
      'request failed',
    );
  }
}

declare module 'fastify' {
  interface FastifyInstance {
    knownRoutes: KnownRoutes;
  }
  interface FastifyRequest {
    /** The span of this request; set before anything else happens to it. */
    trace?: Trace;
    /** The code of the problem it was answered with. */
    problemCode?: string;
  }
}
