import { specFor } from '@oppi/event-sourcing/testing';
import { confirmTime, correctTime, logTime, rejectTime, timeLog, type TimeLogEvent, timeLogStream } from './time-log';

const { given } = specFor(timeLog);
const personId = '0d000000-0000-4000-8000-000000000001';
const place = (entryId = 'e-1', on = '2026-03-29') => ({ personId, on, entryId });
const wasLogged = (minutes: number, entryId = 'e-1', on = '2026-03-29', goalId = 'g'): TimeLogEvent => ({
  type: 'TimeLogged',
  data: { personId, on, entryId, goalId, minutes },
});
const wasCorrected = (minutes: number): TimeLogEvent => ({
  type: 'TimeCorrected',
  data: { ...place(), goalId: 'g', minutes },
});
const wasConfirmed: TimeLogEvent = { type: 'TimeConfirmed', data: { ...place(), goalId: 'g' } };
const wasRejected: TimeLogEvent = {
  type: 'TimeRejected',
  data: { ...place(), goalId: 'g', reasonCode: 'not-learning' },
};
const entry = (minutes: number, entryId = 'e-1', goalId = 'g') => ({ ...place(entryId), goalId, minutes });
const today = '2026-03-29';

describe('logging time', () => {
  it('takes minutes of a day up to today, once', () => {
    given()
      .when((s) => logTime(s, entry(45), today))
      .then(wasLogged(45));
    given()
      .when((s) => logTime(s, entry(45), '2026-03-28'))
      .thenRefused('time-in-future');
    given(wasLogged(45))
      .when((s) => logTime(s, entry(30), today))
      .thenRefused('time-already-logged');
  });

  it('takes the same entry id on another day: person, day and id tell an entry', () => {
    given(wasLogged(45, 'e-1', '2026-03-28'))
      .when((s) => logTime(s, entry(30), today))
      .then(wasLogged(30));
  });

  it('T6: a day has 24 hours, over all goals, on a day of 23 too; what was rejected leaves room', () => {
    given(wasLogged(1_000))
      .when((s) => logTime(s, entry(440, 'e-2', 'h'), today))
      .then(wasLogged(440, 'e-2', today, 'h'));
    given(wasLogged(1_000))
      .when((s) => logTime(s, entry(441, 'e-2', 'h'), today))
      .thenRefused('day-is-full');
    given(wasLogged(1_000, 'e-1', '2026-03-28'))
      .when((s) => logTime(s, entry(441, 'e-2'), today))
      .then(wasLogged(441, 'e-2'));
    given(wasLogged(1_000), wasRejected)
      .when((s) => logTime(s, entry(441, 'e-2'), today))
      .then(wasLogged(441, 'e-2'));
  });

  it('has a stream a month, so that years of history stay short', () => {
    expect(timeLogStream(personId, '2026-03')).toBe(`time-log-${personId}-2026-03`);
  });
});

describe('T8: pending, confirmed, rejected', () => {
  const status = (expected: object) => (s: readonly object[]) => {
    expect(s).toEqual([{ entryId: 'e-1', on: today, goalId: 'g', ...expected }]);
  };

  it('is pending, then confirmed by somebody else, or rejected with a reason', () => {
    given(wasLogged(45)).thenState(status({ minutes: 45, status: 'pending' }));
    given(wasLogged(45))
      .when((s) => confirmTime(s, place(), 'coach'))
      .then(wasConfirmed);
    given(wasLogged(45))
      .when((s) => confirmTime(s, place(), personId))
      .thenRefused('time-is-own');
    given(wasLogged(45), wasConfirmed).thenState(status({ minutes: 45, status: 'confirmed' }));
    given(wasLogged(45), wasConfirmed)
      .when((s) => rejectTime(s, place(), 'not-learning'))
      .then(wasRejected);
    given(wasLogged(45), wasRejected).thenState(
      status({ minutes: 45, status: 'rejected', reasonCode: 'not-learning' }),
    );
  });

  it('is pending again after a correction, and says nothing of the old reason', () => {
    given(wasLogged(45), wasConfirmed)
      .when((s) => correctTime(s, place(), 30))
      .then(wasCorrected(30));
    given(wasLogged(45), wasConfirmed, wasCorrected(30)).thenState(status({ minutes: 30, status: 'pending' }));
    given(wasLogged(45), wasRejected)
      .when((s) => correctTime(s, place(), 45))
      .then(wasCorrected(45));
    given(wasLogged(45), wasRejected, wasCorrected(45)).thenState(status({ minutes: 45, status: 'pending' }));
    given(wasLogged(45))
      .when((s) => correctTime(s, place(), 45))
      .thenNothing();
  });

  it('T6: a correction keeps to the 24 hours, not counting what it replaces', () => {
    const full = [wasLogged(40), wasLogged(1_000, 'e-2')];
    given(...full)
      .when((s) => correctTime(s, place(), 440))
      .then(wasCorrected(440));
    given(...full)
      .when((s) => correctTime(s, place(), 441))
      .thenRefused('day-is-full');
  });

  it('refuses what makes no sense', () => {
    given(wasLogged(45), wasConfirmed)
      .when((s) => confirmTime(s, place(), 'coach'))
      .thenRefused('time-already-confirmed');
    given(wasLogged(45), wasRejected)
      .when((s) => confirmTime(s, place(), 'coach'))
      .thenRefused('time-rejected');
    given(wasLogged(45), wasRejected)
      .when((s) => rejectTime(s, place(), 'x'))
      .thenRefused('time-already-rejected');
    given(wasLogged(45))
      .when((s) => rejectTime(s, place('e-2'), 'x'))
      .thenRefused('time-entry-not-found');
    given(wasLogged(45))
      .when((s) => correctTime(s, place('e-1', '2026-03-28'), 1))
      .thenRefused('time-entry-not-found');
  });
});
