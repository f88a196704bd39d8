/** Something that happened, as stored: the name is the contract and is never reused for another meaning. */
export type Event<T extends string = string, D extends object = object> = Readonly<{ type: T; data: Readonly<D> }>;

/** Who did it: an id, never a name. `onBehalfOf` is set when one acts for another. */
export type Actor = Readonly<{ id: string; role: string; onBehalfOf?: string }>;

/** An event with its place in the log. Times are ISO-8601 in UTC. */
export type Recorded<E extends Event = Event> = E &
  Readonly<{
    /** Global place, in commit order. Gaps are normal, disorder is not. */
    position: bigint;
    organisationId: string;
    /** The aggregate, `<aggregate>-<id>`. */
    streamId: string;
    /** Place within the stream, from 1 without a gap. */
    version: number;
    eventId: string;
    schemaVersion: number;
    actor: Actor;
    /** The idempotency key of the command that caused it. */
    commandId: string;
    correlationId: string;
    causationId?: string;
    traceparent?: string;
    /** When it was true in the world. */
    occurredAt: string;
    /** When we learnt it. Never earlier than that of the event before it. */
    recordedAt: string;
  }>;
