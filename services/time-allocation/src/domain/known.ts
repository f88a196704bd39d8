import { DomainError } from '@oppi/event-sourcing';

/** What goal has told us of an organisation, a person and a goal; absent what was not heard of yet. */
export type Known = Readonly<{
  timeZone?: string | undefined;
  person?: Readonly<{ erased: boolean }> | undefined;
  goal?: Readonly<{ personId?: string | undefined; dueOn: string; imported: boolean }> | undefined;
}>;

/** A refusal that another try, some moments later, may not meet. */
const unknownYet = (what: string): DomainError =>
  new DomainError('unknown-yet', `${what}-unknown-yet`, `This ${what} was not heard of yet. Try again in a moment.`);

export const timeZoneOf = ({ timeZone }: Known): string => {
  if (timeZone === undefined) throw unknownYet('organisation');
  return timeZone;
};

/** Refuses a person who was not heard of yet, or who was erased. */
export const requirePerson = ({ person }: Known): void => {
  if (!person) throw unknownYet('person');
  if (person.erased)
    throw new DomainError('refused', 'person-erased', 'This person was erased; nothing new can be recorded.');
};

/** Time counts for a goal of the person's own, or for one of a team or the organisation. */
export const requireGoalFor = ({ goal }: Known, personId: string): void => {
  if (!goal) throw unknownYet('goal');
  if (goal.personId !== undefined && goal.personId !== personId)
    throw new DomainError('refused', 'goal-of-another', 'This is the goal of another person.');
};

/** The goal with its learner: minutes are planned for one person. */
export const learnersGoal = ({ goal }: Known): Readonly<{ personId: string; dueOn: string }> => {
  if (!goal) throw unknownYet('goal');
  const { personId, dueOn } = goal;
  if (personId === undefined)
    throw new DomainError('refused', 'goal-without-learner', 'Minutes are planned for the goal of a person.');
  return { personId, dueOn };
};
