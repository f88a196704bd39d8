import {
  Controller,
  HttpCode,
  Inject,
  Req,
  RequestMapping,
  RequestMethod,
  Res,
  SetMetadata,
  type Type,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { asCaller, callerOf } from './auth-guard';
import { Dispatcher } from './dispatcher';
import { expectedVersionOf, httpInputOf } from './http-input';
import { type OperationType, specOf } from './operation';
import { Patience, withPatience } from './patience';
import { POLICY } from './policy';
import { CallerGone, TooSlow } from './problem';

type Answer = { version?: unknown; replayed?: unknown };

const header = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
};

const matches = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch !== undefined &&
  ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);

/** Sets what the answer says about itself. Returns false when the client has this version already. */
const describe = (answer: Answer, request: FastifyRequest, reply: FastifyReply): boolean => {
  if (answer.replayed === true) void reply.header('idempotency-replayed', 'true');
  if (typeof answer.version !== 'number') return true;
  const etag = `"v${answer.version}"`;
  void reply.header('etag', etag);
  return !(request.method === 'GET' && matches(header(request, 'if-none-match'), etag));
};

const DEADLINE_MS = 30_000;

/** What a call answers, unless that takes longer than 30 s: a client that waits no more must not be kept waiting. */
const withinDeadline = async <T>({ raw }: FastifyReply, call: () => Promise<T>): Promise<T> => {
  const patience = new Patience(DEADLINE_MS);
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const late = new TooSlow();
      patience.giveUp(late);
      reject(late);
    }, DEADLINE_MS);
  });
  const hangUp = (): void => patience.giveUp(new CallerGone());
  raw.once('close', hangUp);
  try {
    return await Promise.race([withPatience(patience, call), deadline]);
  } finally {
    clearTimeout(timer);
    raw.off('close', hangUp);
  }
};

/** One route per operation, all ending in the dispatcher. */
export const httpDoor = (prefix: string, operations: readonly OperationType[]): Type => {
  class HttpDoor {
    constructor(readonly dispatcher: Dispatcher) {}
  }
  Inject(Dispatcher)(HttpDoor, undefined, 0);
  Controller(prefix)(HttpDoor);
  for (const operation of operations) addRoute(HttpDoor, operation);
  return HttpDoor;
};

const addRoute = (door: Type<{ dispatcher: Dispatcher }>, operation: OperationType): void => {
  const { rpc, method, path } = specOf(operation);
  const inputOf = httpInputOf(specOf(operation));

  async function answer(
    this: { dispatcher: Dispatcher },
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<unknown> {
    const caller = callerOf(request);
    const input = inputOf(request);
    const call = {
      requestId: header(request, 'idempotency-key'),
      expectedVersion: expectedVersionOf(header(request, 'if-match')),
    };
    const output = await withinDeadline(reply, () =>
      asCaller(request, () => this.dispatcher.dispatch(operation, input, caller, call)),
    );
    if (describe(output, request, reply)) return output;
    void reply.status(304);
    return undefined;
  }

  const descriptor = { value: answer, writable: true, configurable: true, enumerable: false };
  Object.defineProperty(answer, 'name', { value: rpc });
  const prototype = door.prototype as object;
  Object.defineProperty(prototype, rpc, descriptor);
  RequestMapping({ path, method: RequestMethod[method] })(prototype, rpc, descriptor);
  HttpCode(200)(prototype, rpc, descriptor);
  SetMetadata(POLICY, 'operation')(prototype, rpc, descriptor);
  Req()(prototype, rpc, 0);
  Res({ passthrough: true })(prototype, rpc, 1);
};
