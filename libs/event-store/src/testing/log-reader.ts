import type { Recorded } from '@oppi/event-sourcing';

/**
 * A reader that remembers only the last position it saw, and what it found wrong on the way. `readAfter` is asked again and
 * again while others write; a position that becomes visible behind its back is lost to it.
 */
export class LogReader {
  readonly positions = new Set<bigint>();
  outOfStreamOrder = 0;
  double = 0;
  private last = 0n;
  private readonly versions = new Map<string, number>();

  constructor(private readonly readAfter: (position: bigint, limit: number) => Promise<Recorded[]>) {}

  async readOn(): Promise<number> {
    const events = await this.readAfter(this.last, 500);
    for (const { position, organisationId, streamId, version } of events) {
      if (this.positions.has(position)) this.double += 1;
      this.positions.add(position);
      const stream = `${organisationId}/${streamId}`;
      if (version !== (this.versions.get(stream) ?? 0) + 1) this.outOfStreamOrder += 1;
      this.versions.set(stream, version);
      this.last = position;
    }
    return events.length;
  }
}
