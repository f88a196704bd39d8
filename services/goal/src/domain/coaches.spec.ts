import { fold } from '@oppi/event-sourcing';
import { specFor } from '@oppi/event-sourcing/testing';
import { coachAssigned, coaches, coachUnassigned } from './coaches';
import { goal } from './goal';
import { acceptEvidence, missGoal, referEvidence, rejectEvidence } from './goal-evidence';
import { coach, learner, verifier, wasAccepted, wasAgreed, wasSubmitted } from './goal.fixtures';
import { joinTeam, person, type PersonEvent, requestErasure } from './person';

const { given } = specFor(person);

const wasAdded: PersonEvent = { type: 'PersonAdded', data: { personId: learner } };
const assignment = { personId: learner, coachId: verifier, assignmentNo: 1, effectiveOn: '2026-06-01' };
const wasAssigned: PersonEvent = { type: 'LearnersCoachAssigned', data: assignment };
const end = { ...assignment, effectiveOn: '2026-06-10' };
const wasUnassigned: PersonEvent = { type: 'LearnersCoachUnassigned', data: end };

describe('who coaches a learner', () => {
  it('is followed once, from the day and to the day that coaching says', () => {
    given(wasAdded)
      .when((state) => coachAssigned(state, assignment))
      .then(wasAssigned);
    given(wasAdded, wasAssigned)
      .when((state) => coachAssigned(state, assignment))
      .thenNothing();
    given(wasAdded, wasAssigned)
      .when((state) => coachUnassigned(state, end))
      .then(wasUnassigned);
    given(wasAdded, wasAssigned, wasUnassigned)
      .when((state) => coachUnassigned(state, end))
      .thenNothing();
  });
  it('is not followed for a person whom goal does not know, or whom it forgot', () => {
    given()
      .when((state) => coachAssigned(state, assignment))
      .thenNothing();
    given()
      .when((state) => coachUnassigned(state, end))
      .thenNothing();
    given(wasAdded, { type: 'PersonErasureRequested', data: { personId: learner } })
      .when((state) => coachAssigned(state, assignment))
      .thenNothing();
  });
  it('leaves the rest of the person as it is', () => {
    given(wasAdded, wasAssigned)
      .when((state) => joinTeam(state, learner, 't-1', '2026-06-02'))
      .then({
        type: 'PersonJoinedTeam',
        data: { personId: learner, teamId: 't-1', membershipNo: 1, effectiveOn: '2026-06-02' },
      });
    given(wasAdded, wasAssigned)
      .when((state) => requestErasure(state, learner))
      .then({ type: 'PersonErasureRequested', data: { personId: learner } });
  });
  it('E4: counts while it lasts, and afterwards for what happened in its days: the last day is the one before the end', () => {
    const on = (date: string, ...events: PersonEvent[]) => coaches(fold(person, [wasAdded, ...events]), verifier, date);
    expect(on('2026-05-01', wasAssigned)).toBe(true);
    const past = ['2026-05-31', '2026-06-01', '2026-06-09', '2026-06-10'];
    expect(past.map((date) => on(date, wasAssigned, wasUnassigned))).toEqual([false, true, true, false]);
    expect(coaches(fold(person, [wasAdded, wasAssigned]), coach, '2026-06-05')).toBe(false);
  });
});

describe("a learner's coach", () => {
  const by = (...events: PersonEvent[]) => ({ actorId: verifier, learner: fold(person, [wasAdded, ...events]) });
  const { given: givenGoal } = specFor(goal);
  const submitted = [...wasAgreed(), wasSubmitted('e-1', '2026-06-05')];

  it('E4: judges nothing of the learner', () => {
    const coaching = by(wasAssigned);
    givenGoal(...submitted)
      .when((state) => acceptEvidence(state, 'e-1', ['pass'], coaching))
      .thenRefused('verifier-not-independent');
    givenGoal(...submitted)
      .when((state) => referEvidence(state, 'e-1', coaching, '2026-06-20'))
      .thenRefused('verifier-not-independent');
    givenGoal(...submitted)
      .when((state) => rejectEvidence(state, 'e-1', coaching))
      .thenRefused('verifier-not-independent');
    givenGoal(...submitted, wasAccepted('e-1', []))
      .when((state) => missGoal(state, 'e-1', coaching, '2026-06-20'))
      .thenRefused('verifier-not-independent');
  });
  it('E4: of those days judges nothing from them, and may judge what came later', () => {
    const former = by(wasAssigned, wasUnassigned);
    givenGoal(...submitted)
      .when((state) => acceptEvidence(state, 'e-1', [], former))
      .thenRefused('verifier-not-independent');
    givenGoal(...wasAgreed(), wasSubmitted('e-1', '2026-06-10'))
      .when((state) => acceptEvidence(state, 'e-1', [], former))
      .then(wasAccepted('e-1', []));
  });
});
