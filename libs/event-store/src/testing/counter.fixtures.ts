import type { CommandContext, Decider, Event } from '@oppi/event-sourcing';
import { randomUUID } from 'node:crypto';

/** The smallest aggregate that tells a lost, doubled or disordered event: every event holds the count it makes. */
export type Counted = Event<'Counted', { count: number }>;

export const counter: Decider<number, Counted> = { initial: 0, evolve: (_count, { data }) => data.count };

export const count = (from: number, times = 1): Counted[] =>
  Array.from({ length: times }, (_, i) => ({ type: 'Counted', data: { count: from + i + 1 } }));

export const aCommand = (more: Partial<CommandContext> = {}): CommandContext => {
  const now = '2026-03-01T10:00:00.000Z';
  return {
    organisationId: '0a000000-0000-4000-8000-000000000001',
    actor: { id: '0b000000-0000-4000-8000-000000000001', role: 'operations' },
    commandId: randomUUID(),
    fingerprint: 'f'.repeat(64),
    correlationId: 'c'.repeat(32),
    now,
    occurredAt: now,
    imported: false,
    ...more,
  };
};
