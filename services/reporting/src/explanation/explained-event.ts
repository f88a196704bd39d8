import type { Recorded } from '@oppi/event-sourcing';
import type { InboxEvent } from '@oppi/messaging';
import { uuid } from '@oppi/service';
import { z } from 'zod';

export const explainedEvent = z
  .strictObject({
    eventId: uuid,
    type: z.string(),
    actorId: z.string(),
    actorRole: z.string(),
    occurredAt: z.iso.datetime(),
    recordedAt: z.iso.datetime(),
    sourcePosition: z.string(),
  })
  .meta({ id: 'ExplainedEvent' });
export type ExplainedEvent = z.output<typeof explainedEvent>;

/** A fact that another service told. */
export const explainFact = (fact: InboxEvent): ExplainedEvent => {
  const { eventId, type, actorId, actorRole, occurredAt, recordedAt, sourcePosition } = fact;
  return { eventId, type, actorId, actorRole, occurredAt, recordedAt, sourcePosition: sourcePosition.toString() };
};

/** A decision of reporting's own. */
export const explainDecision = ({
  eventId,
  type,
  actor,
  occurredAt,
  recordedAt,
  position,
}: Recorded): ExplainedEvent => ({
  eventId,
  type: `reporting.v1.${type}`,
  actorId: actor.id,
  actorRole: actor.role,
  occurredAt,
  recordedAt,
  sourcePosition: position.toString(),
});

// Progress informs and never counts, so it explains nothing; a goal may have hundreds of reports.
const EXPLAINS_NOTHING = 'goal.v1.ProgressReported';

/** The facts about a goal that explain what became of it. */
export const explainGoal = (goalId: string, facts: readonly InboxEvent[]): ExplainedEvent[] =>
  facts.filter(({ subject, type }) => subject === `goal-${goalId}` && type !== EXPLAINS_NOTHING).map(explainFact);
