import { createHash } from 'node:crypto';
import type { Actor, CommandContext } from '@oppi/event-sourcing';
import type { InboxEvent } from '@oppi/messaging';

/** Identities of the workers of any service: events say that nobody decided but a rule. */
export const CLOCK_ACTOR: Actor = { id: '00000000-0000-4000-8000-00000000c10c', role: 'clock' };
export const REACTION_ACTOR: Actor = { id: '00000000-0000-4000-8000-00000000c0ac', role: 'reaction' };

/** A worker as one who decides: nobody's role, and no more than these types of events. */
export type Worker = Readonly<{ actor: Actor; mayRecord: readonly string[] }>;

type Background = Readonly<{ organisationId: string; worker: Worker; key: string; now: string; fact?: InboxEvent }>;

/** The context of a command that no request brought. The key says what caused it, so the same cause decides once. */
export const backgroundContext = ({ organisationId, worker, key, now, fact }: Background): CommandContext => ({
  organisationId,
  ...worker,
  commandId: key,
  fingerprint: createHash('sha256').update(key).digest('hex'),
  correlationId: fact?.correlationId ?? key,
  ...(fact && { causationId: fact.eventId }),
  ...(fact?.traceparent !== undefined && { traceparent: fact.traceparent }),
  now,
  occurredAt: now,
  imported: false,
});

/** What a reaction's command is known by: the consumer and the fact, wherever on the bus it lay. */
export const keyOf = (consumer: string, { eventId, index }: InboxEvent, step: string): string =>
  `${consumer}:${eventId}:${index}:${step}`;
