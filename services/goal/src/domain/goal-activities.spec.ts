import { fold } from '@oppi/event-sourcing';
import { specFor } from '@oppi/event-sourcing/testing';
import { goal, type SetGoal } from './goal';
import { completeActivity, neededMinutes } from './goal-activities';
import { agreeGoal, feasibilityToAsk, proposeGoal } from './goal-agreement';
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
    expect(needed(wasProposed())).toBe(0);
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

describe('the feasibility of a goal', () => {
  const provider: GoalEvent = { type: 'GoalAgreementGiven', data: { goalId, party: 'provider', actorId: coach } };
  const toAsk = (events: GoalEvent[], party: 'provider' | 'client' = 'client') =>
    feasibilityToAsk(fold(goal, events), party);
  const client = { party: 'client', actorId: learner, effectiveOn: '2026-05-04' } as const;

  it('is a question of the agreement that completes, about the minutes of a learner', () => {
    const asked = { personId: learner, neededMinutes: 330, dueOn: '2026-06-30' };
    expect(toAsk([wasProposed({ activities }), provider])).toEqual(asked);
    expect(toAsk([wasProposed({ activities })])).toBeUndefined();
    expect(toAsk([wasProposed({ activities }), provider], 'provider')).toBeUndefined();
    expect(toAsk([wasProposed({ activities, personId: undefined }), provider])).toBeUndefined();
    expect(toAsk([wasProposed(), provider])).toBeUndefined();
    expect(toAsk(wasAgreed({ activities }))).toBeUndefined();
    expect(toAsk([])).toBeUndefined();
  });
  it('is kept as it was answered', () => {
    const answer = { status: 'short', givenMinutes: 200, promisedMinutes: 60, rule: 'r' } as const;
    const given = fold(goal, [wasProposed({ activities }), provider]);
    expect(agreeGoal(given, client, answer)[1]).toEqual({
      type: 'GoalAgreed',
      data: { goalId, feasibility: { ...answer, neededMinutes: 330 } },
    });
    expect(agreeGoal(given, client, { status: 'unknown' })[1]?.data).toEqual({
      goalId,
      feasibility: { status: 'unknown', neededMinutes: 330 },
    });
  });
});
