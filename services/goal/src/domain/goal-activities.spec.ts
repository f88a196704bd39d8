import { fold } from '@oppi/event-sourcing';
import { specFor } from '@oppi/event-sourcing/testing';
import { goal, requireOwn, type SetGoal } from './goal';
import { completeActivity, neededMinutes } from './goal-activities';
import { proposeGoal } from './goal-agreement';
import { coach, goalId, learner, terms, wasAgreed, wasProposed } from './goal.fixtures';
import type { Activity, GoalEvent } from './goal.events';

const { given } = specFor(goal);

const activities: Activity[] = [
  { activityId: 'read', kind: 'reading', estimatedMinutes: 90 },
  { activityId: 'try', kind: 'practice', estimatedMinutes: 240 },
];
const done: GoalEvent = { type: 'ActivityDone', data: { goalId, activityId: 'try', effectiveOn: '2026-06-02' } };

describe('the activities of a goal', () => {
  it('are part of what is agreed, and of nothing where there are none', () => {
    given()
      .when((state) => proposeGoal(state, terms({ activities }), '2026-05-01'))
      .then(wasProposed({ activities }));
    given()
      .when((state) => proposeGoal(state, terms({ activities: [] }), '2026-05-01'))
      .then(wasProposed());
  });
  it('need the minutes of all estimates together', () => {
    const needed = (...events: GoalEvent[]) => neededMinutes(fold(goal, events) as SetGoal);
    expect(needed(wasProposed({ activities }))).toBe(330);
    expect(needed(...wasAgreed({ activities }), done)).toBe(330);
    expect(needed(wasProposed())).toBeUndefined();
  });
  it('are each done once, on the local day', () => {
    const when = '2026-06-01T21:00:00.000Z'; // midnight in Helsinki
    given(...wasAgreed({ activities }))
      .when((state) => completeActivity(state, 'try', when))
      .then(done);
    given(...wasAgreed({ activities }), done)
      .when((state) => completeActivity(state, 'try', when))
      .thenRefused('activity-already-done');
    given(...wasAgreed({ activities }), done).thenState((state) => {
      expect((state as SetGoal).activities.map(({ doneOn }) => doneOn)).toEqual([undefined, '2026-06-02']);
    });
  });
  it('refuses one that is not there, and any before the goal is agreed', () => {
    const when = '2026-06-01T09:00:00.000Z';
    given(...wasAgreed({ activities }))
      .when((state) => completeActivity(state, 'sleep', when))
      .thenRefused('activity-unknown');
    given(wasProposed({ activities }))
      .when((state) => completeActivity(state, 'try', when))
      .thenRefused('goal-not-agreed');
  });
});

it("a learner acts on own goals only: others' are not there", () => {
  const as = (role: string, id: string) => (): void => {
    requireOwn(fold(goal, [wasProposed()]), { id, role });
  };
  expect(as('learner', learner)).not.toThrow();
  expect(as('coach', coach)).not.toThrow();
  expect(as('learner', coach)).toThrow('There is no such goal.');
});
