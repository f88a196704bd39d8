import { DomainError } from '@oppi/event-sourcing';
import { createLocalJWKSet, createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Issuer } from './issuers';
import type { Log } from './log';

const MOST_KEYS_BYTES = 64 * 1024;
const RETRY_KEYS_MS = 30_000;
const MAX_STALE_MS = 24 * 3_600_000;

const jwks = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })).min(1) });

const textOf = async ({ body }: Response): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MOST_KEYS_BYTES) throw new Error('The issuer answered more than any set of keys is long.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
};

// An answer without one usable key is an outage and not the end of all keys: jose would take it for the new set.
const fetchKeys = async (url: string, options: RequestInit): Promise<Response> => {
  const response = await fetch(url, options);
  const text = await textOf(response);
  if (response.ok && !jwks.safeParse(JSON.parse(text)).success)
    throw new Error('The issuer answered something that is no set of keys.');
  return new Response(text, { status: response.status, headers: response.headers });
};

/** The keys of one issuer, from the address in the configuration and from nowhere else. */
export class IssuerKeys {
  private readonly remote: ReturnType<typeof createRemoteJWKSet>;
  /** Since when the issuer has not answered; undefined while it does. */
  private staleSince: number | undefined;
  private retryAt = 0;

  constructor(
    private readonly from: Issuer,
    private readonly log: Log,
  ) {
    this.remote = createRemoteJWKSet(new URL(from.jwksUrl), {
      cooldownDuration: RETRY_KEYS_MS,
      [customFetch]: fetchKeys,
    });
  }

  // jose throws when its set is old and the issuer does not answer. Keys do not become wrong by an outage, so the last
  // good set serves on for a day, and the issuer is asked again every 30 s instead of once per request.
  /** The key of a token's header. Throws `unavailable` / `auth-keys-unavailable` while no keys were ever had. */
  readonly find: JWTVerifyGetKey = async (header, token) => {
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

  /** Loads the keys when there are none yet. Throws as `find` does when that fails. */
  async require(): Promise<void> {
    if (this.remote.jwks()) return;
    try {
      await this.remote.reload();
    } catch (error) {
      throw this.unavailable(error);
    }
  }

  staleSeconds(): number {
    return this.staleSince === undefined ? 0 : (Date.now() - this.staleSince) / 1000;
  }

  private lastGood(error: unknown) {
    this.staleSince ??= Date.now();
    this.retryAt = Date.now() + RETRY_KEYS_MS;
    const kept = this.remote.jwks();
    if (kept && Date.now() - this.staleSince < MAX_STALE_MS) return kept;
    this.retryAt = 0;
    throw this.unavailable(error);
  }

  private unavailable(error: unknown): DomainError {
    this.log.warn({ err: error, outcome: 'keys-unavailable', address: this.from.issuer }, 'the issuer gave no keys');
    return new DomainError('unavailable', 'auth-keys-unavailable', 'Tokens cannot be checked now.');
  }
}
