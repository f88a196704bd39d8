import { DomainError } from '@oppi/event-sourcing';
import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import { type Caller, CLIENT_ROLES, ROLES } from './caller';
import { CheckedTokens } from './checked-tokens';
import type { ServiceConfig } from './config';
import { uuid } from './fields';
import { IssuerKeys } from './issuer-keys';
import { actorOf, type Issuer, issuersOf } from './issuers';
import { hashed, type Log } from './log';

const claims = z.object({
  sub: z.string().min(1).max(255),
  jti: z.string().min(1).max(255),
  client_id: z.string().min(1).max(255),
  role: z.enum(ROLES),
  organisation_id: uuid,
  clients: z.union([z.literal('*'), z.array(uuid)]).default([]),
});
type Claims = z.output<typeof claims>;

const MAX_LIFETIME_S = 3_600;

const unauthenticated = (): DomainError =>
  new DomainError('unauthenticated', 'unauthenticated', 'A valid access token is needed.');

type Trusted = Readonly<{ issuer: Issuer; keys: IssuerKeys }>;
type Checked = Readonly<{ issuer: Issuer; payload: JWTPayload }>;

/** Checks access tokens against the keys of the issuers we trust. */
export class AccessTokens {
  private readonly trusted: ReadonlyMap<unknown, Trusted>;
  private readonly first: IssuerKeys;
  private readonly checked = new CheckedTokens();
  private signaturesChecked = 0;

  constructor(
    private readonly config: Pick<
      ServiceConfig,
      'AUTH_ISSUER' | 'AUTH_AUDIENCE' | 'AUTH_JWKS_URL' | 'AUTH_ALGORITHMS' | 'AUTH_MORE_ISSUERS'
    >,
    private readonly log: Log,
  ) {
    const [first, ...others] = issuersOf(config).map((issuer) => ({ issuer, keys: new IssuerKeys(issuer, log) }));
    this.first = (first as Trusted).keys;
    this.trusted = new Map([first as Trusted, ...others].map((each) => [each.issuer.issuer, each]));
  }

  /**
   * The caller of an `Authorization` header. Throws `unauthenticated` without saying which check failed, the log does;
   * `unavailable` / `auth-keys-unavailable` while no keys were ever had.
   */
  async callerOf(authorization: string | undefined): Promise<Caller> {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '')?.[1];
    let known: JWTPayload = {};
    try {
      if (!token) throw new Rejected(authorization === undefined ? 'no token' : 'malformed');
      const { issuer, payload } = await this.verify(token);
      known = payload;
      const caller = callerFrom(issuer, claims.parse(payload));
      this.report('accepted', payload);
      return caller;
    } catch (error) {
      if (error instanceof DomainError) throw error;
      this.report('rejected', provenIn(error) ?? known, reasonOf(error));
      throw unauthenticated();
    }
  }

  /** Loads the keys of AUTH_ISSUER when there are none yet. Throws `unavailable` / `auth-keys-unavailable` when that fails. */
  requireKeys(): Promise<void> {
    return this.first.require();
  }

  metrics(): Record<string, number> {
    const stale = [...this.trusted.values()].map(({ keys }) => keys.staleSeconds());
    return {
      auth_jwks_stale_seconds: Math.max(...stale),
      auth_signatures_checked_total: this.signaturesChecked,
    };
  }

  private async verify(token: string): Promise<Checked> {
    const known = this.checked.find(token);
    if (known) return { issuer: this.trustedBy(known.iss).issuer, payload: known };
    const { issuer, keys } = this.trustedBy(decodeJwt(token).iss);
    const payload = await this.check(token, issuer, keys);
    this.checked.remember(token, payload);
    return { issuer, payload };
  }

  // By what the token says of itself, and it must say so exactly; the signature is then checked with that issuer's keys.
  // A header that brings a key, or tells where to fetch one, is not even looked at.
  private trustedBy(iss: unknown): Trusted {
    const trusted = this.trusted.get(iss);
    if (!trusted) throw new Rejected('issuer unknown');
    return trusted;
  }

  private async check(token: string, issuer: Issuer, keys: IssuerKeys): Promise<JWTPayload> {
    this.signaturesChecked += 1;
    if (!decodeProtectedHeader(token).kid) throw new Rejected('kid missing');
    const { payload } = await jwtVerify(token, keys.find, {
      algorithms: [...issuer.algorithms],
      issuer: issuer.issuer,
      audience: this.config.AUTH_AUDIENCE,
      typ: 'at+jwt',
      requiredClaims: ['exp', 'iat', 'sub', 'jti', 'client_id'],
      clockTolerance: 30,
    });
    // jose compares maxTokenAge with the time of issue only; a token for years would pass.
    if ((payload.exp ?? Infinity) - (payload.iat ?? 0) > MAX_LIFETIME_S)
      throw new Rejected('lifetime too long', payload);
    if (Array.isArray(payload.aud) && payload.aud.length > 1) throw new Rejected('more than one audience', payload);
    return payload;
  }

  private report(outcome: 'accepted' | 'rejected', payload: JWTPayload, reason = ''): void {
    const { jti, sub, client_id } = payload;
    this.log.info(
      { outcome, reason, jti, client_id, subject_hash: sub === undefined ? undefined : hashed(sub) },
      'access token',
    );
  }
}

/** Throws for claims that their issuer is not the one to make. */
const callerFrom = (issuer: Issuer, { sub, role, organisation_id, clients, client_id }: Claims): Caller => {
  const isClients = (CLIENT_ROLES as readonly string[]).includes(role);
  if (issuer.organisationId !== undefined && !(isClients && organisation_id === issuer.organisationId))
    throw new Rejected('issuer speaks for others');
  const actorId = uuid.safeParse(actorOf(issuer, sub));
  if (!actorId.success) throw new Rejected('claim sub');
  return { actorId: actorId.data, role, organisationId: organisation_id, clients, clientId: client_id };
};

class Rejected extends Error {
  constructor(
    message: string,
    readonly payload?: JWTPayload,
  ) {
    super(message);
  }
}

// Where the signature was good, claims may be named in the log.
const provenIn = (error: unknown): JWTPayload | undefined =>
  error instanceof Rejected || error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired
    ? error.payload
    : undefined;

// jose's codes and claim names; never its messages, which may quote the token.
const reasonOf = (error: unknown): string => {
  if (error instanceof Rejected) return error.message;
  if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired)
    return `${error.code} ${error.claim}`;
  if (error instanceof errors.JOSEError) return error.code;
  return error instanceof z.ZodError ? `claim ${error.issues[0]?.path.join('.')}` : 'malformed';
};
