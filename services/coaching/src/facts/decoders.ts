import * as goal from '@oppi/contracts/goal/v1/goal_events';
import * as time from '@oppi/contracts/time_allocation/v1/time_allocation_events';
import type { Decoders, InboxEvent } from '@oppi/messaging';
import { type Rule } from '@oppi/projections';

const by =
  (message: { decode: (value: Uint8Array) => object }) =>
  (value: Uint8Array): object =>
    message.decode(value);

/** The facts coaching takes in, by their published type; others are counted and passed over. */
export const decoders: Decoders = {
  'goal.v1.OrganisationRegistered': by(goal.OrganisationRegistered),
  'goal.v1.PersonAdded': by(goal.PersonAdded),
  'goal.v1.PersonErased': by(goal.PersonErased),
  'goal.v1.GoalProposed': by(goal.GoalProposed),
  'goal.v1.GoalAgreed': by(goal.GoalAgreed),
  'goal.v1.ProgressReported': by(goal.ProgressReported),
  'goal.v1.EvidenceSubmitted': by(goal.EvidenceSubmitted),
  'goal.v1.GoalAttained': by(goal.GoalAttained),
  'goal.v1.AttainmentRevoked': by(goal.AttainmentRevoked),
  'goal.v1.GoalWithdrawn': by(goal.GoalWithdrawn),
  'goal.v1.GoalMissed': by(goal.GoalMissed),
  'time_allocation.v1.TimeShortfallFound': by(time.TimeShortfallFound),
};

type Fact<D> = Omit<InboxEvent, 'data'> & Readonly<{ data: D }>;

/** A rule for one type of fact, whose data has the type that its decoder gives. */
export const whenFact = <Row extends object, D extends object>(rule: {
  key: (fact: Fact<D>) => Partial<Row>;
  row: (row: Row | undefined, fact: Fact<D>) => Row | undefined;
}): Rule<Row, InboxEvent> => rule as unknown as Rule<Row, InboxEvent>;
