import { DomainError } from '@oppi/event-sourcing';
import { type Goal, open, requireAccepted, set } from './goal';
import type { GoalEvent, GoalTerms, Party } from './goal.events';

/** Proposing says what is wanted; nothing counts before both parties agreed. `today` is local to the organisation. */
export const proposeGoal = (state: Goal, terms: GoalTerms, today: string): GoalEvent[] => {
  if (state.status !== 'unset')
    throw new DomainError('conflict', 'goal-already-proposed', 'This goal is already proposed.');
  if (!terms.imported && terms.dueOn < today)
    throw new DomainError('refused', 'goal-due-in-past', 'A goal must be due today or later.');
  const { goalId, personId, teamId, dueOn, timeZone, graceDays, criteria, milestones, activities, imported } = terms;
  const subject = { ...(personId && { personId }), ...(teamId && { teamId }) };
  const toDo = activities && activities.length > 0 ? { activities } : {};
  return [
    {
      type: 'GoalProposed',
      data: { goalId, ...subject, dueOn, timeZone, graceDays, criteria, milestones, ...toDo, imported },
    },
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
