import { addDays, DomainError, localDateOf } from '@oppi/event-sourcing';
import { type Goal, open, set } from './goal';
import type { GoalEvent, GoalTerms, Party } from './goal.events';

/** Proposing says what is wanted; nothing counts before both parties agreed. `today` is local to the organisation. */
export const proposeGoal = (state: Goal, terms: GoalTerms, today: string): GoalEvent[] => {
  if (state.status !== 'unset')
    throw new DomainError('conflict', 'goal-already-proposed', 'This goal is already proposed.');
  if (!terms.imported && terms.dueOn < today)
    throw new DomainError('refused', 'goal-due-in-past', 'A goal must be due today or later.');
  const { goalId, personId, teamId, dueOn, timeZone, graceDays, criteria, milestones, imported } = terms;
  const subject = { ...(personId && { personId }), ...(teamId && { teamId }) };
  return [
    { type: 'GoalProposed', data: { goalId, ...subject, dueOn, timeZone, graceDays, criteria, milestones, imported } },
  ];
};

/**
 * One party's agreement; with the second the goal is agreed, from the later of the two days. They must be two different
 * actors. `effectiveOn` undefined: history whose day nobody knows; then nobody knows when the goal was agreed either.
 */
export const agreeGoal = (state: Goal, party: Party, actorId: string, effectiveOn: string | undefined): GoalEvent[] => {
  const { terms, agreements, status } = set(state);
  const { goalId } = terms;
  if (status !== 'proposed') throw new DomainError('refused', 'goal-already-agreed', `This goal is ${status} already.`);
  if (agreements[party])
    throw new DomainError('conflict', 'goal-party-already-agreed', `The ${party} has agreed already.`);
  const other = agreements[party === 'provider' ? 'client' : 'provider'];
  if (other?.actorId === actorId)
    throw new DomainError(
      'refused',
      'goal-needs-two-actors',
      'Provider and client must agree by two different people.',
    );
  const dated = effectiveOn === undefined ? {} : { effectiveOn };
  const given: GoalEvent = { type: 'GoalAgreementGiven', data: { goalId, party, actorId, ...dated } };
  if (!other) return [given];
  return [given, { type: 'GoalAgreed', data: { goalId, ...laterOf(dated, other) } }];
};

type Dated = { effectiveOn?: string };
const laterOf = ({ effectiveOn: a }: Dated, { effectiveOn: b }: Dated): Dated =>
  a === undefined || b === undefined ? {} : { effectiveOn: a > b ? a : b };

/** Withdrawing ends a goal that nobody judged. An attained goal is not withdrawn: void its evidence instead. */
export const withdrawGoal = (
  state: Goal,
  { reasonCode, evidenceId, effectiveOn }: { reasonCode: string; evidenceId: string | undefined; effectiveOn: string },
): GoalEvent[] => {
  const present = set(state).status === 'proposed' ? set(state) : open(state);
  if (evidenceId !== undefined) requireAccepted(present, evidenceId);
  const outcomeNo = present.outcomeNo + 1;
  const shown = evidenceId === undefined ? {} : { evidenceId };
  return [
    { type: 'GoalWithdrawn', data: { goalId: present.terms.goalId, outcomeNo, reasonCode, ...shown, effectiveOn } },
  ];
};

export const requireAccepted = (state: ReturnType<typeof set>, evidenceId: string): void => {
  if (!state.evidence.some((item) => item.evidenceId === evidenceId && item.status === 'accepted'))
    throw new DomainError('refused', 'evidence-not-accepted', 'This needs evidence that a verifier has accepted.');
};

/** Progress informs and never attains. */
export const reportProgress = (
  state: Goal,
  report: { milestoneId: string | undefined; percent: number | undefined; carriedOver: boolean; occurredAt: string },
): GoalEvent[] => {
  const { terms } = open(state);
  const { milestoneId, percent, carriedOver, occurredAt } = report;
  if (milestoneId !== undefined && !terms.milestones.some((milestone) => milestone.milestoneId === milestoneId))
    throw new DomainError('refused', 'milestone-unknown', 'This goal has no such milestone.');
  const effectiveOn = localDateOf(occurredAt, terms.timeZone);
  const measured = { ...(milestoneId !== undefined && { milestoneId }), ...(percent !== undefined && { percent }) };
  return [{ type: 'ProgressReported', data: { goalId: terms.goalId, ...measured, carriedOver, effectiveOn } }];
};

/**
 * What the clock does to a goal (rule G21): past its due date without a decision it is overdue; when the grace is over it
 * is missed. Both are dated at 24:00 of the due date. History has dates of its own and is left alone.
 */
export const passTime = (state: Goal, now: string): GoalEvent[] => {
  if (state.status !== 'agreed' && state.status !== 'overdue') return [];
  const { goalId, dueOn, timeZone, graceDays, imported } = state.terms;
  const today = localDateOf(now, timeZone);
  if (imported || today <= dueOn) return [];
  const effectiveOn = addDays(dueOn, 1);
  const events: GoalEvent[] = [];
  if (state.status === 'agreed')
    events.push({ type: 'GoalFellOverdue', data: { goalId, outcomeNo: state.outcomeNo + 1, effectiveOn } });
  if (today > addDays(dueOn, graceDays)) {
    const outcomeNo = state.outcomeNo + events.length + 1;
    events.push({ type: 'GoalMissed', data: { goalId, outcomeNo, decidedBy: 'clock', effectiveOn } });
  }
  return events;
};
