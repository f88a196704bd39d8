import { randomBytes, randomUUID } from 'node:crypto';
import * as coaching from '@oppi/contracts/coaching/v1/coaching_events';
import type { Recorded } from '@oppi/event-sourcing';
import { PgLogBus, toMessages } from '@oppi/messaging';

type Said = Readonly<{ type: string; value: Uint8Array; personId: string }>;

/** Facts as coaching publishes them, onto a real bus; each in the next place of coaching's log. */
export const coachingSays = (busUrl: string) => {
  const bus = new PgLogBus({ url: busUrl, onError: () => undefined });
  let position = 0n;
  const publish = async (organisationId: string, { type, value, personId }: Said, again = 1): Promise<void> => {
    position += 1n;
    const at = '2026-01-01T00:00:00.000Z';
    const event: Recorded = {
      ...{ type, data: {}, position, organisationId, streamId: `learner-${personId}`, version: 1, schemaVersion: 1 },
      ...{ eventId: randomUUID(), commandId: randomUUID(), correlationId: randomBytes(16).toString('hex') },
      ...{ actor: { id: randomUUID(), role: 'operations' }, occurredAt: at, recordedAt: at },
    };
    const messages = toMessages('coaching', event, [{ type: `coaching.v1.${type}`, value }]);
    for (let i = 0; i < again; i += 1) await bus.publish('coaching.events.v1', messages);
  };
  return {
    publish,
    assigned: (personId: string, coachId: string, effectiveOn: string): Said => ({
      type: 'CoachAssigned',
      personId,
      value: coaching.CoachAssigned.encode({ personId, coachId, assignmentNo: 1, effectiveOn }).finish(),
    }),
    unassigned: (personId: string, coachId: string, effectiveOn: string): Said => ({
      type: 'CoachUnassigned',
      personId,
      value: coaching.CoachUnassigned.encode({ personId, coachId, assignmentNo: 1, effectiveOn }).finish(),
    }),
    unreadable: (personId: string): Said => ({ type: 'CoachAssigned', personId, value: new Uint8Array([255, 255]) }),
    close: () => bus.close(),
  };
};
