import * as goal from '@oppi/contracts/goal/v1/goal_events';
import type { Decoders, InboxEvent } from '@oppi/messaging';
import { type Rule } from '@oppi/projections';

/** The facts that time-allocation takes in from goal, by their published type; others are counted and passed over. */
export const decoders: Decoders = {
  'goal.v1.OrganisationRegistered': goal.OrganisationRegistered.decode,
  'goal.v1.PersonAdded': goal.PersonAdded.decode,
  'goal.v1.PersonErased': goal.PersonErased.decode,
  'goal.v1.GoalProposed': goal.GoalProposed.decode,
  'goal.v1.GoalAttained': goal.GoalAttained.decode,
  'goal.v1.AttainmentRevoked': goal.AttainmentRevoked.decode,
  'goal.v1.GoalWithdrawn': goal.GoalWithdrawn.decode,
  'goal.v1.GoalMissed': goal.GoalMissed.decode,
};

type Fact<D> = Omit<InboxEvent, 'data'> & Readonly<{ data: D }>;

/** A rule for one type of fact, whose data has the type that its decoder gives. */
export const whenFact = <Row extends object, D extends object>(rule: {
  key: (fact: Fact<D>) => Partial<Row>;
  row: (row: Row | undefined, fact: Fact<D>) => Row | undefined;
}): Rule<Row, InboxEvent> => rule as unknown as Rule<Row, InboxEvent>;
