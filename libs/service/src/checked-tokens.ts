import { createHash } from 'node:crypto';
import type { JWTPayload } from 'jose';

const MEMORY_MS = 30_000;
const TOKENS_IN_MEMORY = 10_000;

/**
 * Tokens found good a moment ago, so that a client's hundredth request does not cost a hundredth signature check. For half a
 * minute at most, never beyond their expiry, known by their hash alone; so a key that its issuer withdrew serves that
 * much longer than without.
 */
export class CheckedTokens {
  private readonly good = new Map<string, { payload: JWTPayload; until: number }>();

  find(token: string): JWTPayload | undefined {
    const known = this.good.get(hashOf(token));
    return known && Date.now() < known.until ? known.payload : undefined;
  }

  remember(token: string, payload: JWTPayload): void {
    const [oldest] = this.good.size >= TOKENS_IN_MEMORY ? this.good.keys() : [];
    if (oldest !== undefined) this.good.delete(oldest);
    const hash = hashOf(token);
    this.good.delete(hash); // to the end of the row, as the youngest
    this.good.set(hash, { payload, until: Math.min(Date.now() + MEMORY_MS, (payload.exp ?? 0) * 1_000) });
  }
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64');
