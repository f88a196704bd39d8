import { specFor } from '@oppi/event-sourcing/testing';
import {
  allowance,
  type AllowanceEvent,
  askFeasibility,
  type Circumstances,
  correctTimePlan,
  grantTime,
  planAgreedGoal,
  planTime,
} from './allowance';

const { given } = specFor(allowance);
const personId = '0d000000-0000-4000-8000-000000000001';
const about = (more: Partial<Circumstances> = {}): Circumstances => ({
  personId,
  today: '2026-03-23',
  endedGoals: new Set(),
  ...more,
});
const wasGranted = (minutesPerWeek: number, effectiveOn = '2026-01-01'): AllowanceEvent => ({
  type: 'TimeGranted',
  data: { personId, minutesPerWeek, effectiveOn },
});
// Four weeks from the day of `about`.
const wasPlanned = (goalId: string, neededMinutes: number): AllowanceEvent => ({
  type: 'TimePlanned',
  data: { personId, goalId, neededMinutes, plannedOn: '2026-03-23', dueOn: '2026-04-19' },
});
const wasShort = (
  goalId: string,
  neededMinutes: number,
  givenMinutes: number,
  promisedMinutes = 0,
): AllowanceEvent => ({
  type: 'TimeShortfallFound',
  data: { personId, goalId, neededMinutes, givenMinutes, promisedMinutes, dueOn: '2026-04-19', on: '2026-03-23' },
});
const wasNoLongerShort = (goalId: string): AllowanceEvent => ({
  type: 'TimeShortfallEnded',
  data: { personId, goalId, on: '2026-03-23' },
});
const goal = (goalId: string) => ({ goalId, dueOn: '2026-04-19' });

describe('granting time', () => {
  const grant = { minutesPerWeek: 60, effectiveOn: '2026-03-23' };

  it('gives minutes from a day on, and the same again is nothing new', () => {
    given()
      .when((s) => grantTime(s, grant, about(), false))
      .then(wasGranted(60, '2026-03-23'));
    given(wasGranted(60, '2026-03-23'))
      .when((s) => grantTime(s, grant, about(), false))
      .thenNothing();
  });

  it('refuses to change the past, except for those who may', () => {
    const past = { minutesPerWeek: 60, effectiveOn: '2026-03-22' };
    given()
      .when((s) => grantTime(s, past, about(), false))
      .thenRefused('grant-in-past');
    given()
      .when((s) => grantTime(s, past, about(), true))
      .then(wasGranted(60, '2026-03-22'));
  });

  it('keeps grants in the order of their days, the last of a day', () => {
    given(wasGranted(60, '2026-05-01'), wasGranted(90, '2026-05-01'), wasGranted(30, '2026-02-01')).thenState((s) => {
      expect(s.grants).toEqual([
        { minutesPerWeek: 30, effectiveOn: '2026-02-01' },
        { minutesPerWeek: 90, effectiveOn: '2026-05-01' },
      ]);
    });
  });

  it('finds the goals that become short, and those that no longer are', () => {
    given(wasGranted(100), wasPlanned('g', 400))
      .when((s) => grantTime(s, { minutesPerWeek: 99, effectiveOn: '2026-03-23' }, about(), false))
      .then(wasGranted(99, '2026-03-23'), wasShort('g', 400, 396));
    given(wasGranted(99), wasPlanned('g', 400), wasShort('g', 400, 396))
      .when((s) => grantTime(s, { minutesPerWeek: 100, effectiveOn: '2026-03-23' }, about(), false))
      .then(wasGranted(100, '2026-03-23'), wasNoLongerShort('g'));
  });

  it('leaves goals alone that ended or were due, and does not find a shortfall twice', () => {
    const less = { minutesPerWeek: 10, effectiveOn: '2026-03-23' };
    given(wasGranted(100), wasPlanned('g', 400))
      .when((s) => grantTime(s, less, about({ endedGoals: new Set(['g']) }), false))
      .then(wasGranted(10, '2026-03-23'));
    given(wasGranted(100), wasPlanned('g', 400))
      .when((s) => grantTime(s, { ...less, effectiveOn: '2026-04-20' }, about({ today: '2026-04-20' }), false))
      .then(wasGranted(10, '2026-04-20'));
    given(wasPlanned('g', 400), wasShort('g', 400, 0))
      .when((s) => grantTime(s, { ...less, effectiveOn: '2026-04-20' }, about({ today: '2026-04-20' }), false))
      .then(wasGranted(10, '2026-04-20'));
    given(wasPlanned('g', 0))
      .when((s) => grantTime(s, { ...less, effectiveOn: '2026-04-20' }, about({ today: '2026-04-20' }), false))
      .then(wasGranted(10, '2026-04-20'));
    given(wasGranted(99), wasPlanned('g', 400), wasShort('g', 400, 396))
      .when((s) => grantTime(s, less, about(), false))
      .then(wasGranted(10, '2026-03-23'));
  });

  it('asks of the days that are left only what falls on them', () => {
    // Two of four weeks are left, so half of the 400 minutes.
    given(wasGranted(100), wasPlanned('g', 400))
      .when((s) =>
        grantTime(s, { minutesPerWeek: 101, effectiveOn: '2026-04-06' }, about({ today: '2026-04-06' }), false),
      )
      .then(wasGranted(101, '2026-04-06'));
  });
});

describe('planning the time of a goal', () => {
  it('fixes the minutes, from the day it is planned', () => {
    given(wasGranted(100))
      .when((s) => planTime(s, goal('g'), 400, about()))
      .then(wasPlanned('g', 400));
  });

  it('tells a shortfall, also when nobody gives time', () => {
    given(wasGranted(100))
      .when((s) => planTime(s, goal('g'), 401, about()))
      .then(wasPlanned('g', 401), wasShort('g', 401, 400));
    given()
      .when((s) => planTime(s, goal('g'), 1, about()))
      .then(wasPlanned('g', 1), wasShort('g', 1, 0));
  });

  it('gives the time to who came first: an earlier goal does not become short by a later one', () => {
    given(wasGranted(100), wasPlanned('first', 300))
      .when((s) => planTime(s, goal('second'), 101, about()))
      .then(wasPlanned('second', 101), wasShort('second', 101, 400, 300));
    given(wasGranted(100), wasPlanned('first', 300))
      .when((s) => planTime(s, goal('second'), 101, about({ endedGoals: new Set(['first']) })))
      .then(wasPlanned('second', 101));
  });

  it('T12: refuses a second plan; a correction of a wrong entry replaces the minutes', () => {
    given(wasPlanned('g', 400))
      .when((s) => planTime(s, goal('g'), 300, about()))
      .thenRefused('time-already-planned');
    given(wasGranted(99), wasPlanned('g', 400), wasShort('g', 400, 396))
      .when((s) => correctTimePlan(s, 'g', 40, about()))
      .then({ type: 'TimePlanCorrected', data: { personId, goalId: 'g', neededMinutes: 40 } }, wasNoLongerShort('g'));
    given(wasPlanned('g', 400))
      .when((s) => correctTimePlan(s, 'g', 400, about()))
      .thenNothing();
    given()
      .when((s) => correctTimePlan(s, 'g', 400, about()))
      .thenRefused('time-plan-not-found');
  });

  it('refuses a goal that was due before', () => {
    given()
      .when((s) => planTime(s, goal('g'), 1, about({ today: '2026-04-20' })))
      .thenRefused('goal-already-due');
    given(wasGranted(7))
      .when((s) => planTime(s, goal('g'), 1, about({ today: '2026-04-19' })))
      .then({
        type: 'TimePlanned',
        data: { personId, goalId: 'g', neededMinutes: 1, plannedOn: '2026-04-19', dueOn: '2026-04-19' },
      });
  });
});

describe('a goal that was agreed', () => {
  it('T12: gets its minutes as if somebody had planned them, with the shortfall they make', () => {
    given(wasGranted(100))
      .when((s) => planAgreedGoal(s, goal('g'), 401, about()))
      .then(wasPlanned('g', 401), wasShort('g', 401, 400));
  });

  it('T12: keeps the minutes that were fixed before, and gets none when it was due before that day', () => {
    given(wasPlanned('g', 400))
      .when((s) => planAgreedGoal(s, goal('g'), 500, about()))
      .thenNothing();
    given()
      .when((s) => planAgreedGoal(s, goal('g'), 500, about({ today: '2026-04-20' })))
      .thenNothing();
  });
});

describe('asking for feasibility', () => {
  const asked = { neededMinutes: 150, dueOn: '2026-04-19' };

  it("counts other goals' plans, not the goal's own, nor those of ended goals", () => {
    given(wasGranted(100), wasPlanned('g', 250), wasPlanned('h', 100)).thenState((s) => {
      expect(askFeasibility(s, asked, about())).toMatchObject({ status: 'short', promisedMinutes: 350 });
      expect(askFeasibility(s, { ...asked, goalId: 'h' }, about())).toMatchObject({
        status: 'feasible',
        promisedMinutes: 250,
      });
      expect(askFeasibility(s, { ...asked, goalId: 'g' }, about()).promisedMinutes).toBe(0);
      expect(askFeasibility(s, asked, about({ endedGoals: new Set(['g']) })).promisedMinutes).toBe(100);
    });
  });
});
