import { DomainError } from '@oppi/event-sourcing';
import type { Caller } from './caller';

/** Calls a minute for one caller, by what it is; 0 is without limit. */
export type Rates = Readonly<{ people: number; programs: number }>;

/** What a caller may still do. `waitSeconds` is 0 while calls are let in. */
export type Standing = Readonly<{ perMinute: number; left: number; waitSeconds: number }>;

const MINUTE_MS = 60_000;
const MOST_CALLERS = 50_000;

/** Too many calls; says when the next one is let in. */
export class RateLimited extends DomainError {
  constructor(readonly standing: Standing) {
    super('too-many', 'rate-limited', `There were more calls than the ${standing.perMinute} a minute that are let in.`);
  }
}

/**
 * How many calls each caller may make: as many a minute as its rate, and after a pause as many at once. Kept in this
 * process alone, so that no store can be down: behind several processes a caller may have the rate of each.
 */
export class RateLimit {
  /** By caller: when all its calls were let in again (the "theoretical arrival time" of GCRA). Oldest first. */
  private readonly full = new Map<string, number>();
  private refused = 0;

  constructor(
    private readonly rates: Rates,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Counts a call; undefined where there is no limit. Throws `RateLimited`. */
  admit({ organisationId, actorId, role }: Caller): Standing | undefined {
    const perMinute = role === 'integration' || role === 'billing' ? this.rates.programs : this.rates.people;
    if (perMinute === 0) return undefined;
    const step = MINUTE_MS / perMinute;
    const now = this.now();
    // The organisation is part of the key: the same id at two of them is two callers.
    const key = `${organisationId}/${actorId}/${role}`;
    const fullAt = Math.max(this.full.get(key) ?? 0, now) + step;
    const over = fullAt - now - MINUTE_MS;
    if (over > 0) {
      this.refused += 1;
      throw new RateLimited({ perMinute, left: 0, waitSeconds: Math.ceil(over / 1_000) });
    }
    this.remember(key, fullAt);
    return { perMinute, left: Math.floor(-over / step), waitSeconds: 0 };
  }

  metrics(): Record<string, number> {
    return { rate_limited_calls_total: this.refused };
  }

  private remember(key: string, fullAt: number): void {
    this.full.delete(key); // so that the order of the map is that of the last calls
    if (this.full.size >= MOST_CALLERS) this.forgetOldest();
    this.full.set(key, fullAt);
  }

  private forgetOldest(): void {
    const [oldest] = this.full.keys();
    if (oldest !== undefined) this.full.delete(oldest);
  }
}

/** The courtesy headers of draft-ietf-httpapi-ratelimit-headers; `Retry-After` is the contract. */
export const rateHeaders = ({ perMinute, left, waitSeconds }: Standing): Record<string, string> => ({
  'ratelimit-policy': `"caller";q=${perMinute};w=60`,
  ratelimit: `"caller";r=${left};t=${waitSeconds}`,
});
