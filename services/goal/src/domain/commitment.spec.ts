import type { DomainError } from '@oppi/event-sourcing';
import { fold } from '@oppi/event-sourcing';
import { specFor } from '@oppi/event-sourcing/testing';
import { agreeCommitment, commitment, type CommitmentEvent, proposeCommitment } from './commitment';
import { commitmentId, promise, promisedTerms, wasPromised } from './commitment.fixtures';
import { goal } from './goal';
import { passTime } from './goal-time';
import { promiseGoals, requireListable } from './goal-promise';
import { coach, goalId, learner, terms, wasAccepted, wasAgreed, wasAttained, wasProposed } from './goal.fixtures';
import { withdrawGoal } from './goal-agreement';
import type { GoalEvent } from './goal.events';

const { given } = specFor(commitment);

const provider: CommitmentEvent = {
  type: 'CommitmentAgreementGiven',
  data: { commitmentId, party: 'provider', actorId: coach, effectiveOn: '2026-05-03' },
};
const client: CommitmentEvent = {
  type: 'CommitmentAgreementGiven',
  data: { commitmentId, party: 'client', actorId: learner, effectiveOn: '2026-05-01' },
};

describe('proposing a commitment', () => {
  it('A1: keeps exactly the terms', () => {
    given()
      .when((state) => proposeCommitment(state, promisedTerms(), '2026-05-01'))
      .then(wasPromised());
  });
  it('A1: refuses a second time, a due date in the past, and more to be attained than is listed', () => {
    given(wasPromised())
      .when((state) => proposeCommitment(state, promisedTerms(), '2026-05-01'))
      .thenRefused('commitment-already-proposed');
    given()
      .when((state) => proposeCommitment(state, promisedTerms(), '2026-07-01'))
      .thenRefused('commitment-due-in-past');
    given()
      .when((state) => proposeCommitment(state, promisedTerms({ threshold: 2 }), '2026-05-01'))
      .thenRefused('threshold-above-list');
  });
  it('takes history with a due date in the past', () => {
    given()
      .when((state) => proposeCommitment(state, promisedTerms({ imported: true }), '2030-01-01'))
      .then(wasPromised({ imported: true }));
  });
});

describe('agreeing on a commitment', () => {
  it('A1: needs the other party too', () => {
    given(wasPromised())
      .when((state) => agreeCommitment(state, 'provider', coach, '2026-05-03'))
      .then(provider);
  });
  it('A2 B16: freezes list, price and tax rate, from the later of the two days', () => {
    given(wasPromised(), provider)
      .when((state) => agreeCommitment(state, 'client', learner, '2026-05-01'))
      .then(client, { type: 'CommitmentAgreed', data: { ...promise(), effectiveOn: '2026-05-03' } });
    given(wasPromised(), provider, client, {
      type: 'CommitmentAgreed',
      data: { ...promise(), effectiveOn: '2026-05-03' },
    }).thenState((state) => {
      expect(state).toMatchObject({ status: 'agreed', agreedOn: '2026-05-03' });
    });
  });
  it('A1: refuses what was not proposed, one party twice, and one actor for both parties', () => {
    given()
      .when((state) => agreeCommitment(state, 'provider', coach, '2026-05-03'))
      .thenRefused('commitment-not-found');
    given(wasPromised(), provider)
      .when((state) => agreeCommitment(state, 'provider', learner, '2026-05-04'))
      .thenRefused('commitment-party-already-agreed');
    given(wasPromised(), provider)
      .when((state) => agreeCommitment(state, 'client', coach, '2026-05-04'))
      .thenRefused('commitment-needs-two-actors');
  });
});

describe('the goals of a commitment', () => {
  const dueOn = '2026-06-30';
  const listed = (...goals: GoalEvent[][]) => new Map(goals.map((events, i) => [`g-${i + 1}`, fold(goal, events)]));
  const refusal = (work: () => unknown): Pick<DomainError, 'kind' | 'code' | 'message'> | undefined => {
    try {
      work();
      return undefined;
    } catch (error) {
      const { kind, code, message } = error as DomainError;
      return { kind, code, message };
    }
  };
  const promised: GoalEvent = { type: 'GoalPromised', data: { goalId, commitmentId: 'another' } };
  const overdue: GoalEvent = { type: 'GoalFellOverdue', data: { goalId, outcomeNo: 1, effectiveOn: '2026-07-01' } };

  it('A2: are each told which commitment counts them; an overdue one still is open', () => {
    expect([...promiseGoals(listed(wasAgreed(), [...wasAgreed(), overdue]), { commitmentId, dueOn })]).toEqual([
      ['g-1', [{ type: 'GoalPromised', data: { goalId: 'g-1', commitmentId } }]],
      ['g-2', [{ type: 'GoalPromised', data: { goalId: 'g-2', commitmentId } }]],
    ]);
  });
  it.each<[string, GoalEvent[]]>([
    ['goal-not-found', []],
    ['goal-not-agreed', [wasProposed()]],
    ['goal-ended', [...wasAgreed(), wasAccepted('e-1'), wasAttained(['e-1'])]],
    ['goal-already-promised', [...wasAgreed(), promised]],
    ['goal-due-after-commitment', wasAgreed({ dueOn: '2026-07-01' })],
  ])('A2 A14: refuses %s, naming the goals', (code, events) => {
    const found = refusal(() => promiseGoals(listed(wasAgreed(), events), { commitmentId, dueOn }));
    expect(found).toMatchObject({ kind: 'refused', code });
    expect(found?.message).toMatch(/^1 of the goals are .+: g-2\.$/);
  });
  it('tells how many, and the first few ids', () => {
    const goals = listed(...Array.from({ length: 7 }, () => []));
    expect(refusal(() => requireListable(goals, { commitmentId, dueOn }))?.message).toBe(
      '7 of the goals are not there: g-1, g-2, g-3, g-4, g-5 and more.',
    );
  });
  it('A1: at proposing only have to be there and due in time', () => {
    const at = { commitmentId, dueOn };
    expect(refusal(() => requireListable(listed([wasProposed()], [...wasAgreed(), promised]), at))).toBeUndefined();
    expect(refusal(() => requireListable(listed([]), at))?.code).toBe('goal-not-found');
    expect(refusal(() => requireListable(listed(wasAgreed({ dueOn: '2026-07-01' })), at))?.code).toBe(
      'goal-due-after-commitment',
    );
  });
  it('A2: may still be withdrawn or missed; the list stays as it is', () => {
    const state = fold(goal, [...wasAgreed(), promised]);
    const withdrawn = withdrawGoal(state, { reasonCode: 'left', evidenceId: undefined, effectiveOn: '2026-06-01' });
    expect(withdrawn.map(({ type }) => type)).toEqual(['GoalWithdrawn']);
    expect(passTime(state, '2030-01-01T00:00:00.000Z').map(({ type }) => type)).toEqual([
      'GoalFellOverdue',
      'GoalMissed',
    ]);
    expect(fold(goal, [...wasAgreed(), promised, ...withdrawn])).toMatchObject({
      status: 'withdrawn',
      commitmentId: 'another',
      terms: terms(),
    });
  });
});
