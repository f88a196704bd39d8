import { randomUUID } from 'node:crypto';
import {
  CommitmentAgreed,
  CommitmentProposed,
  GoalAgreed,
  GoalProposed,
  PersonAdded,
} from '@oppi/contracts/goal/v1/goal_events';
import type { Recorded } from '@oppi/event-sourcing';
import { readEnvelope, toMessages } from '@oppi/messaging';
import { instant } from '@oppi/service';
import { promise, promisedTerms } from '../../domain/commitment.fixtures';
import { terms, wasAgreed } from '../../domain/goal.fixtures';
import { publicationsOf } from './goal-events.publication';

const recorded = (type: string, data: object): Recorded => ({ type, data }) as Recorded;

describe('publishing what happened', () => {
  it('publishes a fact under the name of its message, encoded', () => {
    const [publication] = publicationsOf(recorded('GoalAgreed', { goalId: 'g', effectiveOn: '2026-05-02' }));
    expect(publication?.type).toBe('goal.v1.GoalAgreed');
    expect(GoalAgreed.decode(publication?.value ?? new Uint8Array())).toEqual({
      goalId: 'g',
      effectiveOn: '2026-05-02',
    });
  });

  it('leaves an unknown date out, and internals too', () => {
    const [agreed] = publicationsOf(recorded('GoalAgreed', { goalId: 'g' }));
    expect(GoalAgreed.decode(agreed?.value ?? new Uint8Array())).toEqual({ goalId: 'g', effectiveOn: undefined });
    const [proposed] = publicationsOf(recorded('GoalProposed', terms()));
    expect(Object.keys(GoalProposed.decode(proposed?.value ?? new Uint8Array()))).toEqual([
      'goalId',
      'personId',
      'teamId',
      'dueOn',
      'imported',
      'gapId',
    ]);
    const [added] = publicationsOf(recorded('PersonAdded', { personId: 'p', name: 'Zzyzx' }));
    expect(Buffer.from(added?.value ?? new Uint8Array()).toString()).not.toContain('Zzyzx');
    expect(PersonAdded.decode(added?.value ?? new Uint8Array())).toEqual({ personId: 'p' });
  });

  it('keeps private events private', () => {
    expect(publicationsOf(recorded('PersonErasureRequested', { personId: 'p' }))).toEqual([]);
    expect(publicationsOf(recorded('GoalPromised', { goalId: 'g', commitmentId: 'c' }))).toEqual([]);
  });

  it('tells the terms of a commitment once it is agreed, and not before', () => {
    const [proposed] = publicationsOf(recorded('CommitmentProposed', promisedTerms()));
    const { commitmentId } = promise();
    expect(CommitmentProposed.decode(proposed?.value ?? new Uint8Array())).toEqual({ commitmentId });
    const [agreed] = publicationsOf(recorded('CommitmentAgreed', { ...promise(), effectiveOn: '2026-05-03' }));
    expect(CommitmentAgreed.decode(agreed?.value ?? new Uint8Array())).toEqual({
      ...promise(),
      priceMinor: '4990',
      effectiveOn: '2026-05-03',
    });
  });

  it('has room for a commitment with the longest list in one message', () => {
    const goalIds = Array.from({ length: 5_000 }, () => randomUUID());
    const data = {
      ...promise(),
      name: 'ä'.repeat(120),
      goalIds,
      priceMinor: 999_999_999_999,
      effectiveOn: '2026-05-03',
    };
    const about = { organisationId: randomUUID(), eventId: randomUUID(), streamId: `commitment-${randomUUID()}` };
    const now = new Date().toISOString();
    const event = {
      ...recorded('CommitmentAgreed', data),
      ...about,
      ...{ actor: { id: randomUUID(), role: 'sponsor' }, correlationId: 'a'.repeat(32) },
      ...{ position: 1n, version: 3, occurredAt: now, recordedAt: now },
    };
    const [message] = toMessages('goal', event, publicationsOf(event));
    expect(message && readEnvelope(message)).toMatchObject({ envelope: { type: 'goal.v1.CommitmentAgreed' } });
  });

  it.each(['1900-01-01T00:00:00Z', '2999-12-31T23:59:59.999Z', '2026-05-01T00:00:00+14:00'])(
    'F53: an instant that a command takes is one that every consumer takes: %s',
    (given) => {
      const occurredAt = instant.parse(given);
      const event = {
        ...recorded('GoalAgreed', { goalId: randomUUID(), effectiveOn: '2026-05-02' }),
        ...{ organisationId: randomUUID(), eventId: randomUUID(), streamId: 'goal-1', position: 1n, version: 1 },
        ...{ actor: { id: randomUUID(), role: 'sponsor' }, correlationId: 'a'.repeat(32) },
        ...{ occurredAt, recordedAt: occurredAt },
      };
      const [message] = toMessages('goal', event, publicationsOf(event));
      expect(message && readEnvelope(message)).toMatchObject({ kind: 'envelope', envelope: { occurredAt } });
    },
  );

  it('gives the same bytes for the same event, always', () => {
    for (const event of wasAgreed())
      expect(publicationsOf(recorded(event.type, event.data))).toEqual(
        publicationsOf(recorded(event.type, event.data)),
      );
  });
});
