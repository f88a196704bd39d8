import type { EventLog, Recorded } from '@oppi/event-sourcing';
import { randomUUID } from 'node:crypto';

/** A service's event log in memory: the input of a relay. */
export class EventList implements EventLog {
  private readonly events: Recorded[] = [];
  private readonly versions = new Map<string, number>();

  /** Appends one event to a stream. Positions have gaps, as those of a real log. */
  append(organisationId: string, streamId: string): Recorded {
    const version = (this.versions.get(streamId) ?? 0) + 1;
    this.versions.set(streamId, version);
    const position = BigInt(this.events.length) * 2n + 1n;
    const at = new Date(Date.UTC(2026, 0, 1) + Number(position)).toISOString();
    const event: Recorded = {
      type: 'GoalAgreed',
      data: { goalId: streamId },
      position,
      organisationId,
      streamId,
      version,
      eventId: randomUUID(),
      schemaVersion: 1,
      actor: { id: 'sponsor-1', role: 'sponsor' },
      commandId: `command-${position}`,
      correlationId: `correlation-${position}`,
      occurredAt: at,
      recordedAt: at,
    };
    this.events.push(event);
    return event;
  }

  readAfter(position: bigint, limit: number): Promise<Recorded[]> {
    const first = Number((position + 1n) / 2n);
    return Promise.resolve(this.events.slice(first, first + limit));
  }

  head(): Promise<bigint> {
    return Promise.resolve(this.events.at(-1)?.position ?? 0n);
  }

  /** Positions of one organisation's events, in order. */
  positionsOf(organisationId: string): bigint[] {
    return this.events.filter((event) => event.organisationId === organisationId).map(({ position }) => position);
  }

  get length(): number {
    return this.events.length;
  }
}
