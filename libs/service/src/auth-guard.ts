import { type CanActivate, createParamDecorator, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Metadata } from '@grpc/grpc-js';
import { DomainError } from '@oppi/event-sourcing';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessTokens } from './access-token';
import { withAuthorization } from './authorization';
import type { Caller } from './caller';
import { POLICY, type Policy } from './policy';
import { rateHeaders, RateLimit } from './rate-limit';

// Keyed by what a request is on its wire: Fastify's request, or a call's metadata.
const callers = new WeakMap<object, Caller>();
const authorizations = new WeakMap<object, string>();

// A handler of a raw stream gets the call alone; any other one the metadata as its second argument.
const metadataOf = (context: ExecutionContext): Metadata => {
  const [first, second] = context.getArgs<[{ metadata?: Metadata } | undefined, unknown]>();
  return second instanceof Metadata ? second : (first?.metadata ?? new Metadata());
};

const carrierOf = (context: ExecutionContext): FastifyRequest | Metadata =>
  context.getType() === 'http' ? context.switchToHttp().getRequest<FastifyRequest>() : metadataOf(context);

// Only the header counts: tokens in addresses end up in logs, and cookies travel without being asked.
const authorizationOf = (carrier: FastifyRequest | Metadata): string | undefined => {
  if ('headers' in carrier) return carrier.headers.authorization;
  const [value] = carrier.get('authorization');
  return value?.toString();
};

/** The caller the guard found for a request or a call's metadata. Throws `unauthenticated` when there is none. */
export const callerOf = (carrier: object): Caller => {
  const caller = callers.get(carrier);
  if (!caller) throw new DomainError('unauthenticated', 'unauthenticated', 'A valid access token is needed.');
  return caller;
};

/** Runs `work` so that it may ask other services as the caller whom the guard found for this request or metadata. */
export const asCaller = <T>(carrier: object, work: () => T): T => withAuthorization(authorizations.get(carrier), work);

/** The caller, as a parameter of a handler on either wire. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext) =>
  callerOf(carrierOf(context)),
);

/** Default deny, on both wires: no policy, no entry. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    @Inject(AccessTokens) private readonly tokens: AccessTokens,
    @Inject(RateLimit) private readonly rates: RateLimit,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const policy = policyOf(context.getHandler(), context.getClass());
    if (policy === 'public') return true;
    const carrier = carrierOf(context);
    const authorization = authorizationOf(carrier);
    const caller = await this.tokens.callerOf(authorization);
    if (policy === undefined) throw new DomainError('forbidden', 'no-policy', 'Nobody may do this.');
    if (policy !== 'operation' && !policy.includes(caller.role))
      throw new DomainError('forbidden', 'role-not-allowed', 'This role may not do this.');
    callers.set(carrier, caller);
    if (authorization !== undefined) authorizations.set(carrier, authorization);
    const standing = this.rates.admit(caller);
    if (standing && context.getType() === 'http')
      void context.switchToHttp().getResponse<FastifyReply>().headers(rateHeaders(standing));
    return true;
  }
}

/** What a handler, or else its class, says of who may enter. */
export const policyOf = (handler: object, type: object): Policy | undefined =>
  (Reflect.getMetadata(POLICY, handler) ?? Reflect.getMetadata(POLICY, type)) as Policy | undefined;
