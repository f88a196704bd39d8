import { createHash } from 'node:crypto';
import { DomainError } from '@oppi/event-sourcing';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
} from 'jose';
import { z } from 'zod';
import { type Caller, ROLES } from './caller';
import { CheckedTokens } from './checked-tokens';
import type { ServiceConfig } from './config';
import { uuid } from './fields';
import type { Log } from './log';

const claims = z.object({
  sub: uuid,
  jti: z.string().min(1).max(255),
  client_id: z.string().min(1).max(255),
  role: z.enum(ROLES),
  organisation_id: uuid,
  clients: z.union([z.literal('*'), z.array(uuid)]).default([]),
});

const MAX_LIFETIME_S = 3_600;
const MOST_KEYS_CHARACTERS = 64 * 1024;
const RETRY_KEYS_MS = 30_000;
const MAX_STALE_MS = 24 * 3_600_000;

const unauthenticated = (): DomainError =>
  new DomainError('unauthenticated', 'unauthenticated', 'A valid access token is needed.');

// An actor's id is personal data by itself; the log holds only what can be compared.
const hashed = (text: unknown): string => createHash('sha256').update(String(text)).digest('hex').slice(0, 16);

const jwks = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })).min(1) });

// An answer without one usable key is an outage and not the end of all keys: jose would take it for the new set.
const fetchKeys = async (url: string, options: RequestInit): Promise<Response> => {
  const response = await fetch(url, options);
  const text = await response.text();
  if (response.ok && (text.length > MOST_KEYS_CHARACTERS || !jwks.safeParse(JSON.parse(text)).success))
    throw new Error('The issuer answered something that is no set of keys.');
  return new Response(text, { status: response.status, headers: response.headers });
};

/** Checks access tokens against the issuer's keys. */
export class AccessTokens {
  private readonly remote: ReturnType<typeof createRemoteJWKSet>;
  /** Since when the issuer has not answered; undefined while it does. */
  private staleSince: number | undefined;
  private retryAt = 0;
  private readonly checked = new CheckedTokens();
  private signaturesChecked = 0;

  constructor(
    private readonly config: Pick<ServiceConfig, 'AUTH_ISSUER' | 'AUTH_AUDIENCE' | 'AUTH_JWKS_URL'>,
    private readonly log: Log,
  ) {
    this.remote = createRemoteJWKSet(new URL(config.AUTH_JWKS_URL), {
      cooldownDuration: RETRY_KEYS_MS,
      [customFetch]: fetchKeys,
    });
  }

  /**
   * The caller of an `Authorization` header. Throws `unauthenticated` without saying which check failed, the log does;
   * `unavailable` / `auth-keys-unavailable` while no keys were ever had.
   */
  async callerOf(authorization: string | undefined): Promise<Caller> {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '')?.[1];
    if (!token) throw unauthenticated();
    try {
      const payload = await this.verify(token);
      const { sub, role, organisation_id, clients, client_id } = claims.parse(payload);
      this.report('accepted', payload);
      return { actorId: sub, role, organisationId: organisation_id, clients, clientId: client_id };
    } catch (error) {
      if (error instanceof DomainError) throw error;
      this.report('rejected', isClaimError(error) ? error.payload : {}, reasonOf(error));
      throw unauthenticated();
    }
  }

  /** Loads the keys when there are none yet. Throws `unavailable` / `auth-keys-unavailable` when that fails. */
  async requireKeys(): Promise<void> {
    if (!this.remote.jwks()) await this.reload();
  }

  metrics(): Record<string, number> {
    return {
      auth_jwks_stale_seconds: this.staleSince === undefined ? 0 : (Date.now() - this.staleSince) / 1000,
      auth_signatures_checked_total: this.signaturesChecked,
    };
  }

  private async verify(token: string): Promise<JWTPayload> {
    const known = this.checked.find(token);
    if (known) return known;
    const payload = await this.check(token);
    this.checked.remember(token, payload);
    return payload;
  }

  private async check(token: string): Promise<JWTPayload> {
    this.signaturesChecked += 1;
    if (!decodeProtectedHeader(token).kid) throw new Rejected('kid missing');
    const { payload } = await jwtVerify(token, this.keys, {
      algorithms: ['ES256', 'PS256', 'EdDSA'],
      issuer: this.config.AUTH_ISSUER,
      audience: this.config.AUTH_AUDIENCE,
      typ: 'at+jwt',
      requiredClaims: ['exp', 'iat', 'sub', 'jti', 'client_id'],
      clockTolerance: 30,
    });
    // jose compares maxTokenAge with the time of issue only; a token for years would pass.
    if ((payload.exp ?? Infinity) - (payload.iat ?? 0) > MAX_LIFETIME_S) throw new Rejected('lifetime too long');
    if (Array.isArray(payload.aud) && payload.aud.length > 1) throw new Rejected('more than one audience');
    return payload;
  }

  // jose throws when its set is old and the issuer does not answer. Keys do not become wrong by an outage, so the last
  // good set serves on for a day, and the issuer is asked again every 30 s instead of once per request.
  private readonly keys: JWTVerifyGetKey = async (header, token) => {
    const kept = this.remote.jwks();
    if (kept && Date.now() < this.retryAt) return createLocalJWKSet(kept)(header, token);
    try {
      const key = await this.remote(header, token);
      this.staleSince = undefined;
      return key;
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      if (error instanceof errors.JOSENotSupported) throw error;
      return createLocalJWKSet(this.lastGood(error))(header, token);
    }
  };

  private lastGood(error: unknown) {
    this.staleSince ??= Date.now();
    this.retryAt = Date.now() + RETRY_KEYS_MS;
    const kept = this.remote.jwks();
    if (kept && Date.now() - this.staleSince < MAX_STALE_MS) return kept;
    this.retryAt = 0;
    throw this.keysUnavailable(error);
  }

  private async reload(): Promise<void> {
    try {
      await this.remote.reload();
    } catch (error) {
      throw this.keysUnavailable(error);
    }
  }

  private keysUnavailable(error: unknown): DomainError {
    this.log.warn({ err: error, outcome: 'keys-unavailable' }, 'the issuer gave no keys');
    return new DomainError('unavailable', 'auth-keys-unavailable', 'Tokens cannot be checked now.');
  }

  private report(outcome: 'accepted' | 'rejected', payload: JWTPayload, reason = ''): void {
    const { jti, sub, client_id } = payload;
    const about = { outcome, reason, jti, client_id, subject_hash: sub === undefined ? undefined : hashed(sub) };
    this.log[outcome === 'accepted' ? 'debug' : 'info'](about, 'access token');
  }
}

class Rejected extends Error {}

// The signature was good, so its claims may be named in the log.
const isClaimError = (error: unknown): error is errors.JWTClaimValidationFailed | errors.JWTExpired =>
  error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired;

// jose's codes and claim names; never its messages, which may quote the token.
const reasonOf = (error: unknown): string => {
  if (error instanceof Rejected) return error.message;
  if (isClaimError(error)) return `${error.code} ${error.claim}`;
  if (error instanceof errors.JOSEError) return error.code;
  return error instanceof z.ZodError ? `claim ${error.issues[0]?.path.join('.')}` : 'malformed';
};
