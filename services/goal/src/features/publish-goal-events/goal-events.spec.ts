import { GoalAgreed, GoalProposed, PersonAdded } from '@oppi/contracts/goal/v1/goal_events';
import type { Recorded } from '@oppi/event-sourcing';
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
    ]);
    const [added] = publicationsOf(recorded('PersonAdded', { personId: 'p', name: 'Zzyzx' }));
    expect(Buffer.from(added?.value ?? new Uint8Array()).toString()).not.toContain('Zzyzx');
    expect(PersonAdded.decode(added?.value ?? new Uint8Array())).toEqual({ personId: 'p' });
  });

  it('keeps private events private', () => {
    expect(publicationsOf(recorded('PersonErasureRequested', { personId: 'p' }))).toEqual([]);
  });

  it('gives the same bytes for the same event, always', () => {
    for (const event of wasAgreed())
      expect(publicationsOf(recorded(event.type, event.data))).toEqual(
        publicationsOf(recorded(event.type, event.data)),
      );
  });
});
