import { DomainError } from '@oppi/event-sourcing';
import type { FeasibilityAnswer, NoAnswer } from './feasibility';
import { type Goal, open, requireAccepted, set } from './goal';
import { neededMinutes } from './goal-activities';
import type { GoalEvent, GoalTerms, Party } from './goal.events';

/** Proposing says what is wanted; nothing counts before both parties agreed. `today` is local to the organisation. */
export const proposeGoal = (state: Goal, terms: GoalTerms, today: string): GoalEvent[] => {
  if (state.status !== 'unset')
    throw new DomainError('conflict', 'goal-already-proposed', 'This goal is already proposed.');
  if (!terms.imported && terms.dueOn < today)
    throw new DomainError('refused', 'goal-due-in-past', 'A goal must be due today or later.');
  const { goalId, personId, teamId, gapId, dueOn, timeZone, graceDays, criteria, milestones, activities, imported } =
    terms;
  const about = { ...(personId && { personId }), ...(teamId && { teamId }), ...(gapId && { gapId }) };
  const toDo = activities && activities.length > 0 ? { activities } : {};
  return [
    {
      type: 'GoalProposed',
      data: { goalId, ...about, dueOn, timeZone, graceDays, criteria, milestones, ...toDo, imported },
    },
  ];
};

const otherThan = (party: Party): Party => (party === 'provider' ? 'client' : 'provider');

/** One party's agreement to a goal. `effectiveOn` undefined: history whose day nobody knows. */
export type GivenAgreement = Readonly<{ party: Party; actorId: string; effectiveOn: string | undefined }>;

/**
 * With the second party's agreement the goal is agreed, from the later of the two days; nobody knows when where one day is
 * not known. They must be two different actors. `answer` is what time-allocation said of the feasibility.
 */
export const agreeGoal = (
  state: Goal,
  { party, actorId, effectiveOn }: GivenAgreement,
  answer: FeasibilityAnswer | NoAnswer = { status: 'not-asked' },
): GoalEvent[] => {
  const present = set(state);
  const { goalId } = present.terms;
  if (present.status !== 'proposed')
    throw new DomainError('refused', 'goal-already-agreed', `This goal is ${present.status} already.`);
  if (present.agreements[party])
    throw new DomainError('conflict', 'goal-party-already-agreed', `The ${party} has agreed already.`);
  const other = present.agreements[otherThan(party)];
  if (other?.actorId === actorId)
    throw new DomainError(
      'refused',
      'goal-needs-two-actors',
      'Provider and client must agree by two different people.',
    );
  const dated = effectiveOn === undefined ? {} : { effectiveOn };
  const given: GoalEvent = { type: 'GoalAgreementGiven', data: { goalId, party, actorId, ...dated } };
  if (!other) return [given];
  const feasibility = { ...answer, neededMinutes: neededMinutes(present) };
  return [given, { type: 'GoalAgreed', data: { goalId, ...laterOf(dated, other), feasibility } }];
};

/** What to ask time-allocation before this party agrees: only an agreement that completes, on minutes of a learner. */
export const feasibilityToAsk = (
  state: Goal,
  party: Party,
): { personId: string; neededMinutes: number; dueOn: string } | undefined => {
  if (state.status !== 'proposed' || !state.agreements[otherThan(party)]) return undefined;
  const { personId, dueOn } = state.terms;
  const minutes = neededMinutes(state);
  return personId === undefined || minutes === 0 ? undefined : { personId, neededMinutes: minutes, dueOn };
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
