import { specFor } from '@oppi/event-sourcing/testing';
import { checkIn, lowDials, recordCheckIn, skipCheckIn } from './check-in';
import type { CheckInEvent } from './check-in';
import { coach, dueAt, now, personId, somebody, successor, wasAssigned, wasUnassigned } from './coaching.fixtures';
import {
  assignCoach,
  coachOf,
  confirmErasure,
  learner,
  type LearnerEvent,
  present,
  requestErasure,
  unassignCoach,
} from './learner';
import { mayKnow, mayReadConcern, mayReadNotes } from './reading';

const { given } = specFor(learner);
const requested: LearnerEvent = { type: 'LearnerErasureRequested', data: { personId } };

describe('assigning a coach', () => {
  it('starts an assignment', () => {
    given()
      .when((state) => assignCoach(state, personId, coach, '2026-03-01'))
      .then(wasAssigned());
  });
  it('C3: ends the former assignment on the day the next one starts, and keeps its history', () => {
    given(wasAssigned())
      .when((state) => assignCoach(state, personId, successor, '2026-05-01'))
      .then(wasUnassigned(), wasAssigned(successor, 2, '2026-05-01'));
    given(wasAssigned(), wasUnassigned(), wasAssigned(successor, 2, '2026-05-01')).thenState((state) => {
      expect(coachOf(state)).toBe(successor);
      expect(state.assignments).toEqual([
        { no: 1, coachId: coach, fromOn: '2026-03-01', untilOn: '2026-05-01' },
        { no: 2, coachId: successor, fromOn: '2026-05-01' },
      ]);
    });
  });
  it('refuses the same coach again, the learner as coach, and days that overlap', () => {
    given(wasAssigned())
      .when((state) => assignCoach(state, personId, coach, '2026-05-01'))
      .thenRefused('coach-already-assigned');
    given()
      .when((state) => assignCoach(state, personId, personId, '2026-05-01'))
      .thenRefused('coach-is-learner');
    given(wasAssigned())
      .when((state) => assignCoach(state, personId, successor, '2026-02-28'))
      .thenRefused('assignment-ends-before-it-began');
    given(wasAssigned(), wasUnassigned())
      .when((state) => assignCoach(state, personId, coach, '2026-04-30'))
      .thenRefused('assignment-overlaps');
    given(wasAssigned(), wasUnassigned())
      .when((state) => assignCoach(state, personId, coach, '2026-05-01'))
      .then(wasAssigned(coach, 2, '2026-05-01'));
  });
  it('ends, on the first day at the earliest, when there is one', () => {
    given(wasAssigned())
      .when((state) => unassignCoach(state, personId, '2026-03-01'))
      .then(wasUnassigned(coach, 1, '2026-03-01'));
    given(wasAssigned())
      .when((state) => unassignCoach(state, personId, '2026-02-28'))
      .thenRefused('assignment-ends-before-it-began');
    given(wasAssigned(), wasUnassigned())
      .when((state) => unassignCoach(state, personId, '2026-06-01'))
      .thenRefused('coach-not-assigned');
  });
});

describe('erasing a learner', () => {
  it('I7: ends coaching, in two steps, each once, whatever the days', () => {
    given(wasAssigned())
      .when((state) => requestErasure(state, personId, '2026-05-01'))
      .then(wasUnassigned(), requested);
    given(wasAssigned())
      .when((state) => requestErasure(state, personId, '2026-02-01'))
      .then(wasUnassigned(coach, 1, '2026-03-01'), requested);
    given(requested)
      .when((state) => requestErasure(state, personId, '2026-05-01'))
      .thenNothing();
    given()
      .when((state) => confirmErasure(state, personId))
      .thenNothing();
    given(requested)
      .when((state) => confirmErasure(state, personId))
      .then({ type: 'LearnerErased', data: { personId } });
  });
  it('I7: takes nothing new from the request on', () => {
    given(requested)
      .when((state) => assignCoach(state, personId, coach, '2026-05-01'))
      .thenRefused('person-erased');
    given(wasAssigned(), requested)
      .when((state) => unassignCoach(state, personId, '2026-05-01'))
      .thenRefused('person-erased');
    given(requested).thenState((state) => {
      expect(() => present(state)).toThrow('erased');
    });
  });
});

describe('a check-in', () => {
  const about = { checkInId: 'ci-1', personId, effectiveOn: '2026-05-01' };
  const wasRecorded: CheckInEvent = { type: 'CheckInRecorded', data: about };
  const wasSkipped: CheckInEvent = { type: 'CheckInSkipped', data: about };
  const { given: givenCheckIn } = specFor(checkIn);

  it('C2: is recorded without anything that was said', () => {
    const said = { ...about, direction: 1, text: 'said in confidence' };
    givenCheckIn()
      .when((state) => recordCheckIn(state, said))
      .then(wasRecorded);
  });
  it('C12: that was skipped is a fact, and may be answered later, each once', () => {
    givenCheckIn()
      .when((state) => skipCheckIn(state, about))
      .then(wasSkipped);
    givenCheckIn(wasSkipped)
      .when((state) => recordCheckIn(state, about))
      .then(wasRecorded);
    for (const decide of [recordCheckIn, skipCheckIn])
      givenCheckIn(wasRecorded)
        .when((state) => decide(state, about))
        .thenRefused('check-in-already-recorded');
    givenCheckIn(wasSkipped)
      .when((state) => skipCheckIn(state, about))
      .thenRefused('check-in-already-recorded');
  });
  it('C12: has a low dial only where one was answered', () => {
    expect(lowDials({ direction: 2, motivation: 3, time: 1 }, 2)).toEqual(['direction', 'time']);
    expect(lowDials({ motivation: 1 }, 2)).toEqual(['motivation']);
    expect(lowDials({}, 2)).toEqual([]);
  });
});

describe('reading', () => {
  const raised = { concernId: 'c-1', personId, kind: 'time', ownerId: coach, raisedAt: now, dueAt } as const;
  const byManager = { ...raised, raisedBy: somebody };

  it('C2: a learner is known to herself or himself and to the assigned coach only', () => {
    given(wasAssigned(), wasUnassigned(), wasAssigned(successor, 2, '2026-05-01')).thenState((state) => {
      expect(() => mayKnow(state, personId, { id: personId, role: 'learner' })).not.toThrow();
      expect(() => mayKnow(state, personId, { id: successor, role: 'coach' })).not.toThrow();
      expect(() => mayKnow(state, personId, { id: coach, role: 'coach' })).toThrow('no such learner');
      expect(() => mayKnow(state, personId, { id: somebody, role: 'learner' })).toThrow('no such learner');
    });
  });
  it('C9: who raised a concern learns how it ended, other managers nothing', () => {
    given(wasAssigned()).thenState((state) => {
      expect(mayReadConcern(state, byManager, { id: somebody, role: 'manager' })).toBe(true);
      expect(mayReadConcern(state, raised, { id: somebody, role: 'manager' })).toBe(false);
      expect(mayReadConcern(state, raised, { id: somebody, role: 'coach' })).toBe(false);
      expect(mayReadConcern(state, raised, { id: coach, role: 'coach' })).toBe(true);
      expect(mayReadConcern(state, raised, { id: personId, role: 'learner' })).toBe(true);
      expect(mayReadConcern(state, raised, { id: somebody, role: 'operations' })).toBe(true);
    });
  });
  it('C9 C11: notes are for the coach and the owner, never for a manager, even one who owns it', () => {
    given(wasAssigned()).thenState((state) => {
      expect(mayReadNotes(state, somebody, { id: coach, role: 'coach' })).toBe(true);
      expect(mayReadNotes(state, somebody, { id: somebody, role: 'operations' })).toBe(true);
      expect(mayReadNotes(state, somebody, { id: somebody, role: 'manager' })).toBe(false);
      expect(mayReadNotes(state, coach, { id: somebody, role: 'operations' })).toBe(false);
    });
  });
});
