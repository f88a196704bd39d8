import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { throwError } from 'rxjs';
import { grpcErrorOf } from './grpc-status';
import { LOG, type Log } from './log';
import { type Problem, problemOf, WIRE } from './problem';
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
  const { http, retryAfterSeconds } = WIRE[problem.kind];
  request.problemCode = problem.code;
  if (problem.kind === 'unauthenticated') void reply.header('www-authenticate', 'Bearer error="invalid_token"');
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds));
  return reply
    .status(problem.httpStatus ?? http)
    .type('application/problem+json')
    .send(JSON.stringify(problemBody(problem, request.url, request.trace?.traceId)));
};

/** The only place where an error becomes an answer, on both wires. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(@Inject(LOG) private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): unknown {
    const problem = problemOf(error);
    if (problem.kind === 'internal' || problem.kind === 'unavailable') this.report(error, problem);
    if (host.getType() === 'rpc') return throwError(() => grpcErrorOf(problem));
    const http = host.switchToHttp();
    return sendProblem(problem, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
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
  interface FastifyRequest {
    /** The span of this request; set before anything else happens to it. */
    trace?: Trace;
    /** The code of the problem it was answered with. */
    problemCode?: string;
  }
}
