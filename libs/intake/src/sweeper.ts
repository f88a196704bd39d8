/** Looks for something every so often, one look at a time; a look that fails is reported and the next one comes. */
export class Sweeper {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly looking: {
      everyMs: number;
      sweep: () => Promise<void>;
      onError: (error: unknown) => void;
    },
  ) {}

  start(): void {
    const { everyMs, sweep, onError } = this.looking;
    this.timer = setTimeout(() => {
      this.running = sweep()
        .catch(onError)
        .finally(() => {
          if (this.timer) this.start();
        });
    }, everyMs);
  }

  /** Resolves once the look under way has ended. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.running;
  }
}
