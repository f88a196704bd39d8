import { specFor } from '@oppi/event-sourcing/testing';
import { goal } from './goal';
import { agreeGoal, proposeGoal, withdrawGoal } from './goal-agreement';
import { acceptEvidence, missGoal, referEvidence, rejectEvidence, submitEvidence, voidEvidence } from './goal-evidence';
import {
  anItem,
  coach,
  goalId,
  learner,
  terms,
  verifier,
  wasAccepted,
  wasAgreed,
  wasAttained,
  wasProposed,
  wasSubmitted,
} from './goal.fixtures';
import { reportProgress } from './goal-progress';
import { passTime } from './goal-time';
import type { GoalEvent } from './goal.events';

const { given } = specFor(goal);

describe('proposing a goal', () => {
  it('keeps exactly the terms', () => {
    given()
      .when((state) => proposeGoal(state, terms(), '2026-05-01'))
      .then(wasProposed());
  });
  it('takes one that is due today, refuses one that was due yesterday', () => {
    given()
      .when((state) => proposeGoal(state, terms(), '2026-06-30'))
      .then(wasProposed());
    given()
      .when((state) => proposeGoal(state, terms(), '2026-07-01'))
      .thenRefused('goal-due-in-past');
  });
  it('takes history with a due date in the past', () => {
    given()
      .when((state) => proposeGoal(state, terms({ imported: true }), '2030-01-01'))
      .then(wasProposed({ imported: true }));
  });
  it('G1: refuses a second time', () => {
    given(wasProposed())
      .when((state) => proposeGoal(state, terms(), '2026-05-01'))
      .thenRefused('goal-already-proposed');
  });
});

describe('agreeing on a goal', () => {
  const provider: GoalEvent = {
    type: 'GoalAgreementGiven',
    data: { goalId, party: 'provider', actorId: coach, effectiveOn: '2026-05-03' },
  };

  const notAsked = { status: 'not-asked', neededMinutes: 0 } as const;

  it('needs the other party too', () => {
    given(wasProposed())
      .when((state) => agreeGoal(state, { party: 'provider', actorId: coach, effectiveOn: '2026-05-03' }))
      .then(provider);
  });
  it('holds from the later of the two days', () => {
    given(wasProposed(), provider)
      .when((state) => agreeGoal(state, { party: 'client', actorId: learner, effectiveOn: '2026-05-01' }))
      .then(
        { type: 'GoalAgreementGiven', data: { goalId, party: 'client', actorId: learner, effectiveOn: '2026-05-01' } },
        { type: 'GoalAgreed', data: { goalId, effectiveOn: '2026-05-03', feasibility: notAsked } },
      );
  });
  it('has no day when one of the two has none', () => {
    given(wasProposed(), provider)
      .when((state) => agreeGoal(state, { party: 'client', actorId: learner, effectiveOn: undefined }))
      .then(
        { type: 'GoalAgreementGiven', data: { goalId, party: 'client', actorId: learner } },
        { type: 'GoalAgreed', data: { goalId, feasibility: notAsked } },
      );
  });
  it('refuses one actor for both parties, one party twice, and a goal that is agreed already', () => {
    given(wasProposed(), provider)
      .when((state) => agreeGoal(state, { party: 'client', actorId: coach, effectiveOn: '2026-05-04' }))
      .thenRefused('goal-needs-two-actors');
    given(wasProposed(), provider)
      .when((state) => agreeGoal(state, { party: 'provider', actorId: learner, effectiveOn: '2026-05-04' }))
      .thenRefused('goal-party-already-agreed');
    given(...wasAgreed())
      .when((state) => agreeGoal(state, { party: 'client', actorId: learner, effectiveOn: '2026-05-04' }))
      .thenRefused('goal-already-agreed');
    given()
      .when((state) => agreeGoal(state, { party: 'client', actorId: learner, effectiveOn: '2026-05-04' }))
      .thenRefused('goal-not-found');
  });
});

describe('reporting progress', () => {
  const report = { milestoneId: 'm-1', percent: 100, carriedOver: false, occurredAt: '2026-06-30T21:30:00.000Z' };

  it('is dated in the time zone of the organisation, and attains nothing', () => {
    given(...wasAgreed())
      .when((state) => reportProgress(state, report))
      .then({
        type: 'ProgressReported',
        data: { goalId, milestoneId: 'm-1', percent: 100, carriedOver: false, effectiveOn: '2026-07-01' },
      });
  });
  it('needs an agreed goal and a milestone it has', () => {
    given(wasProposed())
      .when((state) => reportProgress(state, report))
      .thenRefused('goal-not-agreed');
    given(...wasAgreed())
      .when((state) => reportProgress(state, { ...report, milestoneId: 'm-2' }))
      .thenRefused('milestone-unknown');
  });
});

describe('evidence', () => {
  it('E9: takes the same item of a source once, and refuses it with another content', () => {
    const item = anItem('e-1', { sourceId: 'lms-7', contentHash: 'aa' });
    const submitted: GoalEvent = {
      type: 'EvidenceSubmitted',
      data: {
        goalId,
        evidenceId: 'e-1',
        kind: 'test',
        sourceId: 'lms-7',
        contentHash: 'aa',
        submittedBy: coach,
        occurredAt: item.occurredAt,
        recordedAt: item.recordedAt,
        effectiveOn: '2026-06-10',
      },
    };
    given(...wasAgreed())
      .when((state) => submitEvidence(state, item))
      .then(submitted);
    given(...wasAgreed(), submitted)
      .when((state) => submitEvidence(state, { ...item, evidenceId: 'e-2' }))
      .thenNothing();
    given(...wasAgreed(), submitted)
      .when((state) => submitEvidence(state, { ...item, evidenceId: 'e-2', contentHash: 'bb' }))
      .thenRefused('evidence-source-changed');
    given(...wasAgreed(), submitted)
      .when((state) => submitEvidence(state, anItem('e-1')))
      .thenRefused('evidence-already-submitted');
  });

  it('attains the goal when every criterion is met, from the day the last of them was', () => {
    const two = wasAgreed({ criteria: [{ criterionId: 'theory' }, { criterionId: 'practice' }] });
    given(...two, wasSubmitted('e-1', '2026-06-20'), wasSubmitted('e-2', '2026-06-10'))
      .when((state) => acceptEvidence(state, 'e-1', ['theory'], { actorId: verifier }))
      .then(wasAccepted('e-1', ['theory']));
    given(...two, wasSubmitted('e-1', '2026-06-20'), wasSubmitted('e-2', '2026-06-10'), wasAccepted('e-1', ['theory']))
      .when((state) => acceptEvidence(state, 'e-2', ['practice'], { actorId: verifier }))
      .then(wasAccepted('e-2', ['practice']), wasAttained(['e-1', 'e-2'], '2026-06-20'));
  });

  it('E2: one piece may meet several criteria', () => {
    given(...wasAgreed({ criteria: [{ criterionId: 'a' }, { criterionId: 'b' }] }), wasSubmitted('e-1'))
      .when((state) => acceptEvidence(state, 'e-1', ['a', 'b'], { actorId: verifier }))
      .then(wasAccepted('e-1', ['a', 'b']), wasAttained(['e-1']));
  });

  it('may be genuine and meet nothing', () => {
    given(...wasAgreed(), wasSubmitted('e-1'))
      .when((state) => acceptEvidence(state, 'e-1', [], { actorId: verifier }))
      .then(wasAccepted('e-1', []));
  });

  it('A4 G22: counts up to 24:00 of the due date there, and not a moment longer', () => {
    const at = (occurredAt: string) => wasSubmitted('e-1', '2026-07-01', occurredAt);
    given(...wasAgreed(), at('2026-06-30T21:00:00.000Z'))
      .when((state) => acceptEvidence(state, 'e-1', ['pass'], { actorId: verifier }))
      .then(wasAccepted('e-1'), wasAttained(['e-1'], '2026-07-01'));
    given(...wasAgreed(), at('2026-06-30T21:00:00.001Z'))
      .when((state) => acceptEvidence(state, 'e-1', ['pass'], { actorId: verifier }))
      .thenRefused('evidence-after-due');
  });

  it.each([learner, coach])('E4: is verified by neither learner nor submitter: %s', (who) => {
    const submitted = [...wasAgreed(), wasSubmitted('e-1')];
    given(...submitted)
      .when((state) => acceptEvidence(state, 'e-1', [], { actorId: who }))
      .thenRefused('verifier-not-independent');
    given(...submitted)
      .when((state) => referEvidence(state, 'e-1', { actorId: who }, '2026-06-20'))
      .thenRefused('verifier-not-independent');
    given(...submitted)
      .when((state) => rejectEvidence(state, 'e-1', { actorId: who }))
      .thenRefused('verifier-not-independent');
  });

  it('E13: referred may still be judged; rejected and accepted may not', () => {
    const referred: GoalEvent = {
      type: 'EvidenceReferred',
      data: { goalId, evidenceId: 'e-1', verifiedBy: verifier, respondBy: '2026-06-20' },
    };
    given(...wasAgreed(), wasSubmitted('e-1'))
      .when((state) => referEvidence(state, 'e-1', { actorId: verifier }, '2026-06-20'))
      .then(referred);
    given(...wasAgreed(), wasSubmitted('e-1'), referred)
      .when((state) => rejectEvidence(state, 'e-1', { actorId: verifier }))
      .then({ type: 'EvidenceRejected', data: { goalId, evidenceId: 'e-1', verifiedBy: verifier } });
    given(...wasAgreed(), wasSubmitted('e-1'), wasAccepted('e-1', []))
      .when((state) => rejectEvidence(state, 'e-1', { actorId: verifier }))
      .thenRefused('evidence-already-judged');
  });

  it('refuses what the goal does not know', () => {
    given(...wasAgreed(), wasSubmitted('e-1'))
      .when((state) => acceptEvidence(state, 'e-9', [], { actorId: verifier }))
      .thenRefused('evidence-not-found');
    given(...wasAgreed(), wasSubmitted('e-1'))
      .when((state) => acceptEvidence(state, 'e-1', ['x'], { actorId: verifier }))
      .thenRefused('criterion-unknown');
    given(...wasAgreed({ criteria: [{ criterionId: 'pass', evidenceKind: 'exam' }] }), wasSubmitted('e-1'))
      .when((state) => acceptEvidence(state, 'e-1', ['pass'], { actorId: verifier }))
      .thenRefused('evidence-kind-mismatch');
  });
});

describe('voiding evidence', () => {
  const attained = [...wasAgreed(), wasSubmitted('e-1'), wasAccepted('e-1'), wasAttained(['e-1'])];
  const voided = (evidenceId: string, groundOn: string): GoalEvent => ({
    type: 'EvidenceVoided',
    data: { goalId, evidenceId, reasonCode: 'forged', groundOn },
  });
  const revoked = (groundOn: string): GoalEvent => ({
    type: 'AttainmentRevoked',
    data: { goalId, outcomeNo: 1, evidenceId: 'e-1', groundOn },
  });

  it('E5: revokes the attainment from when the ground fell, never from before it began', () => {
    given(...attained)
      .when((state) => voidEvidence(state, 'e-1', 'forged', undefined))
      .then(voided('e-1', '2026-06-10'), revoked('2026-06-10'));
    given(...attained)
      .when((state) => voidEvidence(state, 'e-1', 'forged', '2026-06-25'))
      .then(voided('e-1', '2026-06-25'), revoked('2026-06-25'));
    given(...attained)
      .when((state) => voidEvidence(state, 'e-1', 'forged', '2026-01-01'))
      .then(voided('e-1', '2026-06-10'), revoked('2026-06-10'));
  });

  it('E2: leaves an attainment that still rests on enough', () => {
    given(
      ...wasAgreed(),
      wasSubmitted('e-1'),
      wasSubmitted('e-2', '2026-06-20'),
      wasAccepted('e-2', []),
      wasAccepted('e-1'),
      wasAttained(['e-1']),
    )
      .when((state) => voidEvidence(state, 'e-2', 'forged', undefined))
      .then(voided('e-2', '2026-06-20'));
  });

  it('E3 E6: is final: a second time is refused', () => {
    given(...attained, voided('e-1', '2026-06-10'), revoked('2026-06-10'))
      .when((state) => voidEvidence(state, 'e-1', 'forged', undefined))
      .thenRefused('evidence-already-voided');
  });

  it('E6: is mended by new evidence, which makes a new attainment', () => {
    given(...attained, voided('e-1', '2026-06-10'), revoked('2026-06-10'), wasSubmitted('e-2', '2026-06-15'))
      .when((state) => acceptEvidence(state, 'e-2', ['pass'], { actorId: verifier }))
      .then(wasAccepted('e-2'), wasAttained(['e-2'], '2026-06-15', 2));
  });
});

describe('ending a goal otherwise', () => {
  it('withdraws a goal, agreed or not, but not one that is attained', () => {
    const withdrawn: GoalEvent = {
      type: 'GoalWithdrawn',
      data: { goalId, outcomeNo: 1, reasonCode: 'left', effectiveOn: '2026-05-20' },
    };
    const withdraw = { reasonCode: 'left', evidenceId: undefined, effectiveOn: '2026-05-20' };
    given(wasProposed())
      .when((state) => withdrawGoal(state, withdraw))
      .then(withdrawn);
    given(...wasAgreed())
      .when((state) => withdrawGoal(state, withdraw))
      .then(withdrawn);
    given(...wasAgreed(), wasSubmitted('e-1'), wasAccepted('e-1'), wasAttained(['e-1']))
      .when((state) => withdrawGoal(state, withdraw))
      .thenRefused('goal-ended');
  });
  it('misses on accepted evidence only, by an independent verifier', () => {
    const judged = [...wasAgreed(), wasSubmitted('e-1')];
    given(...judged)
      .when((state) => missGoal(state, 'e-1', { actorId: verifier }, '2026-07-01'))
      .thenRefused('evidence-not-accepted');
    given(...judged, wasAccepted('e-1', []))
      .when((state) => missGoal(state, 'e-1', { actorId: coach }, '2026-07-01'))
      .thenRefused('verifier-not-independent');
    given(...judged, wasAccepted('e-1', []))
      .when((state) => missGoal(state, 'e-1', { actorId: verifier }, '2026-07-01'))
      .then({
        type: 'GoalMissed',
        data: { goalId, outcomeNo: 1, decidedBy: 'verifier', evidenceId: 'e-1', effectiveOn: '2026-07-01' },
      });
  });
});

describe('time passing (G21, G22)', () => {
  const overdue: GoalEvent = { type: 'GoalFellOverdue', data: { goalId, outcomeNo: 1, effectiveOn: '2026-07-01' } };
  const missed: GoalEvent = {
    type: 'GoalMissed',
    data: { goalId, outcomeNo: 2, decidedBy: 'clock', effectiveOn: '2026-07-01' },
  };
  const endOfDueDate = '2026-06-30T21:00:00.000Z';

  it('does nothing until 24:00 of the due date in the time zone of the client', () => {
    given(...wasAgreed())
      .when((state) => passTime(state, '2026-06-30T20:59:59.999Z'))
      .thenNothing();
    given(...wasAgreed())
      .when((state) => passTime(state, endOfDueDate))
      .then(overdue);
  });
  it('misses only when the grace is over, dated at the due date', () => {
    given(...wasAgreed(), overdue)
      .when((state) => passTime(state, '2026-07-14T12:00:00.000Z'))
      .thenNothing();
    given(...wasAgreed(), overdue)
      .when((state) => passTime(state, '2026-07-14T21:00:00.000Z'))
      .then(missed);
  });
  it('does both at once for a goal it sees late', () => {
    given(...wasAgreed())
      .when((state) => passTime(state, '2027-01-01T00:00:00.000Z'))
      .then(overdue, missed);
  });
  it('lets an overdue goal still be attained on evidence from before the due date', () => {
    given(...wasAgreed(), wasSubmitted('e-1'), overdue)
      .when((state) => acceptEvidence(state, 'e-1', ['pass'], { actorId: verifier }))
      .then(wasAccepted('e-1'), wasAttained(['e-1'], '2026-06-10', 2));
  });
  it('leaves alone what nobody agreed, what ended, and history', () => {
    const late = '2030-01-01T00:00:00.000Z';
    given(wasProposed())
      .when((state) => passTime(state, late))
      .thenNothing();
    given(...wasAgreed(), overdue, missed)
      .when((state) => passTime(state, late))
      .thenNothing();
    given(...wasAgreed({ imported: true }))
      .when((state) => passTime(state, late))
      .thenNothing();
  });
});
