/** Something the service cannot work without; rejects while it is not there. Has to answer by itself or is cut at 1 s. */
export type ReadinessCheck = () => Promise<void>;

const CHECK_TIMEOUT_MS = 1_000;

const within = async (check: ReadinessCheck): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([check(), limit]);
  } finally {
    clearTimeout(timer);
  }
};

/** Whether requests should be sent here. */
export class Readiness {
  private draining = false;

  constructor(
    private readonly checks: Readonly<Record<string, ReadinessCheck>>,
    private readonly changed: (ready: boolean) => void,
  ) {}

  /** The names of what is missing; empty when ready. */
  async missing(): Promise<string[]> {
    if (this.draining) return ['draining'];
    const names = Object.keys(this.checks);
    const results = await Promise.allSettled(Object.values(this.checks).map(within));
    const missing = names.filter((_, index) => results[index]?.status === 'rejected');
    // A drain may have begun meanwhile, and what it said must stand.
    if (!this.draining) this.changed(missing.length === 0);
    return this.draining ? ['draining'] : missing;
  }

  isDraining(): boolean {
    return this.draining;
  }

  /** Says no from now on. */
  drain(): void {
    this.draining = true;
    this.changed(false);
  }
}
