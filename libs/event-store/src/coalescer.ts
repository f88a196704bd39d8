/**
 * Group commit: whatever is waiting when the database is free goes out in one call. No timer, so an idle system adds no
 * delay. `claims` names what a call may hold only once (streams, keys); a second one waits for the next call.
 */
export class Coalescer<Request, Reply> {
  private waiting: Waiting<Request, Reply>[] = [];
  private inFlight = 0;
  private scheduled = false;

  constructor(
    private readonly options: {
      run: (requests: Request[]) => Promise<Reply[]>;
      claims?: (request: Request) => readonly string[];
      /** Requests in one call. */
      most: number;
      /** Calls under way at once. */
      concurrency: number;
    },
  ) {}

  submit(request: Request): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ request, resolve, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled || this.inFlight >= this.options.concurrency || this.waiting.length === 0) return;
    this.scheduled = true;
    // After the current turn of the event loop: whoever is about to submit joins this call.
    setImmediate(() => {
      this.scheduled = false;
      if (this.waiting.length > 0) void this.flush();
    });
  }

  private async flush(): Promise<void> {
    const batch = this.take();
    this.inFlight += 1;
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
      this.schedule();
    }
  }

  private take(): Waiting<Request, Reply>[] {
    const { claims, most } = this.options;
    if (!claims) return this.waiting.splice(0, most);
    const taken: Waiting<Request, Reply>[] = [];
    const left: Waiting<Request, Reply>[] = [];
    const claimed = new Set<string>();
    for (const entry of this.waiting) {
      const wants = claims(entry.request);
      if (taken.length >= most || wants.some((claim) => claimed.has(claim))) left.push(entry);
      else taken.push(entry);
      // Also what stays behind claims its place, so that nobody overtakes it.
      wants.forEach((claim) => claimed.add(claim));
    }
    this.waiting = left;
    return taken;
  }
}

type Waiting<Request, Reply> = {
  request: Request;
  resolve: (reply: Reply) => void;
  reject: (error: unknown) => void;
};
