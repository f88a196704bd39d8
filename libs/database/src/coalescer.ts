/**
 * Group commit: whatever is waiting when the database is free goes out in one call. No timer, so an idle system adds no
 * delay. `claims` names what only one request at a time may hold (streams, keys): a second one waits until the first is
 * answered. `shares` names what many requests may look at together, but none in one call with a request that claims it.
 */
export class Coalescer<Request, Reply> {
  private waiting: Waiting<Request, Reply>[] = [];
  private readonly held = new Set<string>();
  private inFlight = 0;
  private scheduled = false;

  constructor(
    private readonly options: {
      run: (requests: Request[]) => Promise<Reply[]>;
      claims?: (request: Request) => readonly string[];
      shares?: (request: Request) => readonly string[];
      /** Requests in one call. */
      most: number;
      /** Calls under way at once. */
      concurrency: number;
    },
  ) {}

  submit(request: Request): Promise<Reply> {
    const wants = this.options.claims?.(request) ?? [];
    return new Promise((resolve, reject) => {
      const sees = this.options.shares?.(request) ?? [];
      this.waiting.push({ request, wants, sees, resolve, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled || this.inFlight >= this.options.concurrency || this.waiting.length === 0) return;
    this.scheduled = true;
    // After the current turn of the event loop: whoever is about to submit joins this call.
    setImmediate(() => {
      this.scheduled = false;
      void this.flush();
    });
  }

  private async flush(): Promise<void> {
    const batch = this.take();
    // Nothing, when all that waits wants what a call under way holds; the end of that call looks again.
    if (batch.length === 0) return;
    this.inFlight += 1;
    // What did not fit does not wait for this call to end.
    this.schedule();
    try {
      const replies = await this.options.run(batch.map((entry) => entry.request));
      batch.forEach((entry, i) => {
        entry.resolve(replies[i] as Reply);
      });
    } catch (error) {
      batch.forEach((entry) => {
        entry.reject(error);
      });
    } finally {
      this.inFlight -= 1;
      for (const { wants } of batch) for (const claim of wants) this.held.delete(claim);
      this.schedule();
    }
  }

  private take(): Waiting<Request, Reply>[] {
    const taken: Waiting<Request, Reply>[] = [];
    const left: Waiting<Request, Reply>[] = [];
    const claimed = new Set<string>();
    const shared = new Set<string>();
    const isClaimed = (name: string): boolean => claimed.has(name) || this.held.has(name);
    let seen = 0;
    for (; seen < this.waiting.length && taken.length < this.options.most; seen += 1) {
      const entry = this.waiting[seen] as Waiting<Request, Reply>;
      const isFree = !entry.sees.some(isClaimed) && !entry.wants.some((claim) => isClaimed(claim) || shared.has(claim));
      (isFree ? taken : left).push(entry);
      // Also what stays behind claims its place, so that nobody overtakes it.
      for (const claim of entry.wants) claimed.add(claim);
      for (const name of entry.sees) shared.add(name);
    }
    this.waiting = left.concat(this.waiting.slice(seen));
    for (const { wants } of taken) for (const claim of wants) this.held.add(claim);
    return taken;
  }
}

type Waiting<Request, Reply> = {
  request: Request;
  wants: readonly string[];
  sees: readonly string[];
  resolve: (reply: Reply) => void;
  reject: (error: unknown) => void;
};
