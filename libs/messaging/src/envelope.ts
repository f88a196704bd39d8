import type { Recorded } from '@oppi/event-sourcing';
import type { Message } from './bus';

/** What a message says about its fact, beside the fact itself. Times are ISO-8601 in UTC with milliseconds. */
export type Envelope = Readonly<{
  organisationId: string;
  /** The service that says it: `goal`. */
  source: string;
  /** Place of the event in the source's own log. */
  position: bigint;
  /** Which of the messages of one event, from 0. */
  index: number;
  /** The event; several messages may share it, so a fact is `eventId` and `index`. */
  eventId: string;
  /** `goal.v1.GoalAgreed`: a message of `proto/`. */
  type: string;
  /** The aggregate: `goal-<id>`. */
  subject: string;
  /** Version of the aggregate after the event. */
  streamVersion: number;
  actorId: string;
  actorRole: string;
  occurredAt: string;
  recordedAt: string;
  correlationId: string;
  traceparent?: string;
}>;

/** One published form of an event: a message of `proto/`, encoded. */
export type Publication = Readonly<{ type: string; value: Uint8Array }>;

/** The messages for one event, as CloudEvents 1.0 in Kafka's binary mode. */
export const toMessages = (source: string, event: Recorded, publications: readonly Publication[]): Message[] =>
  publications.map(({ type, value }, index) => ({
    key: event.organisationId,
    value,
    headers: {
      ce_specversion: '1.0',
      ce_id: publications.length > 1 ? `${event.eventId}:${index}` : event.eventId,
      ce_source: `/${source}`,
      ce_type: type,
      ce_time: event.occurredAt,
      ce_recordedtime: event.recordedAt,
      ce_subject: event.streamId,
      ce_partitionkey: event.organisationId,
      ce_organisationid: event.organisationId,
      ce_position: event.position.toString(),
      ce_index: index.toString(),
      ce_streamversion: event.version.toString(),
      ce_actorid: event.actor.id,
      ce_actorrole: event.actor.role,
      ce_correlationid: event.correlationId,
      ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
      'content-type': 'application/protobuf',
    },
  }));
