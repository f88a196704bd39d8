import { Client } from 'pg';
import { CHANNEL } from './pg-log';
import { asError, Backoff, type Bell, pause } from './waiting';

/**
 * Wakes readers when something was published, over one listening connection that is opened with the first reader.
 * A convenience only: while it is broken the readers find everything by looking now and then.
 */
export class Doorbell {
  private readonly bells = new Map<string, Set<Bell>>();
  private readonly closing = new AbortController();
  private loop: Promise<void> | undefined;

  constructor(
    private readonly url: string,
    private readonly onError: (error: Error) => void,
  ) {}

  /** Rings the bell at each publish to the topic, until the returned function is called. */
  hang(topic: string, bell: Bell): () => void {
    const bells = this.bells.get(topic) ?? new Set();
    this.bells.set(topic, bells.add(bell));
    this.loop ??= this.run();
    return () => bells.delete(bell);
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.loop;
  }

  private async run(): Promise<void> {
    const backoff = new Backoff();
    while (!this.closing.signal.aborted) {
      try {
        await this.listen(() => backoff.reset());
      } catch (error) {
        this.onError(asError(error));
      }
      await pause(backoff.next(), this.closing.signal);
    }
  }

  /** Resolves on closing, rejects when the connection breaks. */
  private async listen(onConnected: () => void): Promise<void> {
    const client = new Client({ connectionString: this.url, connectionTimeoutMillis: 2_000, keepAlive: true });
    const { signal } = this.closing;
    let close = (): void => undefined;
    const ended = new Promise<void>((resolve, reject) => {
      client.on('error', reject);
      client.on('end', () => reject(new Error('The listening connection to the bus ended.')));
      close = resolve;
    });
    signal.addEventListener('abort', close);
    ended.catch(() => undefined); // heard below, unless connecting fails first
    try {
      await client.connect();
      client.on('notification', ({ payload }) => this.bells.get(payload ?? '')?.forEach((bell) => bell.ring()));
      await client.query(`listen ${CHANNEL}`);
      onConnected();
      // What was published while nobody listened rang no bell.
      this.bells.forEach((bells) => bells.forEach((bell) => bell.ring()));
      if (!signal.aborted) await ended;
    } finally {
      signal.removeEventListener('abort', close);
      await client.end().catch(() => undefined);
    }
  }
}
