import { DomainError } from '@oppi/event-sourcing';

/** Keeps one organisation from taking the whole service: so many of its calls may run at once; 0 is without limit. */
export class CallsAtOnce {
  private readonly running = new Map<string, number>();
  private refused = 0;

  constructor(private readonly most: number) {}

  /** Runs a call about an organisation. Throws `too-many` / `too-many-at-once`. */
  async run<T>(organisationId: string, call: () => Promise<T>): Promise<T> {
    if (this.most === 0) return call();
    const running = this.running.get(organisationId) ?? 0;
    if (running >= this.most) {
      this.refused += 1;
      throw new DomainError('too-many', 'too-many-at-once', 'Too many calls for this organisation are running.');
    }
    this.running.set(organisationId, running + 1);
    try {
      return await call();
    } finally {
      this.end(organisationId);
    }
  }

  metrics(): Record<string, number> {
    return { calls_at_once_refused_total: this.refused };
  }

  private end(organisationId: string): void {
    const running = (this.running.get(organisationId) ?? 1) - 1;
    if (running === 0) this.running.delete(organisationId);
    else this.running.set(organisationId, running);
  }
}
