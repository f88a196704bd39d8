import { specFor } from '@oppi/event-sourcing/testing';
import {
  coach,
  dueAt,
  finding,
  now,
  ownerBecame,
  personId,
  somebody,
  successor,
  wasClosed,
  wasEntrusted,
  wasRaised,
  wereSealed,
} from './coaching.fixtures';
import {
  changeOwner,
  closeConcern,
  concerns,
  dueAfter,
  handOver,
  mayClose,
  noticeConcern,
  openOnes,
  raiseConcern,
  sealConcerns,
} from './concern';

const { given } = specFor(concerns);

describe('noticing a concern', () => {
  it('C9: gives it an owner, the coach, and a due time', () => {
    given(wasEntrusted(coach))
      .when((state) => noticeConcern(state, finding('motivation')))
      .then(wasRaised('motivation', coach));
    expect(dueAfter(now, 5)).toBe(dueAt);
  });
  it('C9: leaves it without an owner when nobody coaches', () => {
    given()
      .when((state) => noticeConcern(state, finding('time')))
      .then(wasRaised('time'));
    given(wasEntrusted(coach), wasEntrusted())
      .when((state) => noticeConcern(state, finding('time')))
      .then(wasRaised('time'));
  });
  it('C10: raises no second one of a kind while one is open, and notes that it was seen again', () => {
    given(wasRaised('stalled'))
      .when((state) => noticeConcern(state, { ...finding('stalled', 'c-2'), goalId: 'g-2' }))
      .then({ type: 'ConcernSeenAgain', data: { concernId: 'c-stalled', personId, goalId: 'g-2' } });
  });
  it('C10: raises another kind, and the same kind once the first is closed', () => {
    given(wasRaised('stalled'))
      .when((state) => noticeConcern(state, finding('time')))
      .then(wasRaised('time'));
    given(wasRaised('stalled'), wasClosed('stalled'))
      .when((state) => noticeConcern(state, finding('stalled', 'c-2')))
      .then(wasRaised('stalled', undefined, 'c-2'));
  });
  it('I7: notices nothing about an erased learner', () => {
    given(wereSealed)
      .when((state) => noticeConcern(state, finding('time')))
      .thenNothing();
  });
});

describe('raising a concern by hand', () => {
  it('says who raised it', () => {
    given(wasEntrusted(coach))
      .when((state) => raiseConcern(state, { ...finding('direction'), raisedBy: somebody, goalId: 'g-1' }))
      .then({
        type: 'ConcernRaised',
        data: {
          concernId: 'c-direction',
          personId,
          kind: 'direction',
          goalId: 'g-1',
          ownerId: coach,
          raisedBy: somebody,
          raisedAt: now,
          dueAt,
        },
      });
  });
  it('C10: is refused while one of the kind is open, under an id that was used, and after an erasure', () => {
    given(wasRaised('time'))
      .when((state) => raiseConcern(state, finding('time', 'c-2')))
      .thenRefused('concern-of-kind-open');
    given(wasRaised('time'), wasClosed('time'))
      .when((state) => raiseConcern(state, finding('time')))
      .thenRefused('concern-already-raised');
    given(wereSealed)
      .when((state) => raiseConcern(state, finding('time')))
      .thenRefused('person-erased');
  });
});

describe('handing concerns over', () => {
  const past = [wasEntrusted(coach), wasRaised('time', coach), wasRaised('stalled', coach), wasClosed('stalled')];

  it('C3: gives open concerns of the former coach to the new one, and leaves closed ones', () => {
    given(...past)
      .when((state) => handOver(state, personId, successor))
      .then(wasEntrusted(successor), ownerBecame('c-time', successor));
  });
  it('C3: gives the new coach what nobody owned', () => {
    given(wasRaised('time'))
      .when((state) => handOver(state, personId, coach))
      .then(wasEntrusted(coach), ownerBecame('c-time', coach));
  });
  it('C3: leaves a concern that somebody else was given', () => {
    given(...past, ownerBecame('c-time', somebody))
      .when((state) => handOver(state, personId, successor))
      .then(wasEntrusted(successor));
  });
  it('C9: leaves open concerns unowned when coaching ends', () => {
    given(...past)
      .when((state) => handOver(state, personId, undefined))
      .then(wasEntrusted(), ownerBecame('c-time'));
  });
});

describe('owning and closing', () => {
  it('C9: gives an open concern an owner, once', () => {
    given(wasRaised('time'))
      .when((state) => changeOwner(state, 'c-time', somebody))
      .then(ownerBecame('c-time', somebody));
    given(wasRaised('time', somebody))
      .when((state) => changeOwner(state, 'c-time', somebody))
      .thenNothing();
  });
  it('C9: closes with an outcome, once', () => {
    given(wasRaised('time'))
      .when((state) => closeConcern(state, 'c-time', 'helped', now))
      .then(wasClosed('time'));
    const closed = [wasRaised('time'), wasClosed('time')];
    given(...closed)
      .when((state) => closeConcern(state, 'c-time', 'helped', now))
      .thenRefused('concern-already-closed');
    given(...closed)
      .when((state) => changeOwner(state, 'c-time', somebody))
      .thenRefused('concern-already-closed');
    given(wasRaised('time'))
      .when((state) => closeConcern(state, 'c-other', 'helped', now))
      .thenRefused('concern-not-found');
  });
  it('C9: lets a coach close own concerns only, and operations any', () => {
    given(wasRaised('time', coach)).thenState((state) => {
      expect(() => mayClose(state, 'c-time', { id: coach, role: 'coach' })).not.toThrow();
      expect(() => mayClose(state, 'c-time', { id: somebody, role: 'operations' })).not.toThrow();
      expect(() => mayClose(state, 'c-time', { id: somebody, role: 'coach' })).toThrow('no such concern');
    });
  });
  it('I7: closes what is open when the learner is erased, once', () => {
    given(wasRaised('time', coach), wasRaised('stalled'), wasClosed('stalled'))
      .when((state) => sealConcerns(state, personId, now))
      .then(wasClosed('time', 'learner-erased'), wereSealed);
    given(wereSealed)
      .when((state) => sealConcerns(state, personId, now))
      .thenNothing();
    given(wasRaised('time'), wasClosed('time', 'learner-erased')).thenState((state) => {
      expect(openOnes(state)).toEqual([]);
    });
  });
});
