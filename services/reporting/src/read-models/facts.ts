import * as goal from '@oppi/contracts/goal/v1/goal_events';
import type { Decoders, InboxEvent } from '@oppi/messaging';
import { type Rule } from '@oppi/projections';

type Message = { decode(value: Uint8Array): object };

// The facts reporting takes in from goal; others are counted and passed over.
const facts: Readonly<Record<string, Message>> = {
  OrganisationRegistered: goal.OrganisationRegistered,
  TeamDefined: goal.TeamDefined,
  PersonAdded: goal.PersonAdded,
  PersonJoinedTeam: goal.PersonJoinedTeam,
  PersonLeftTeam: goal.PersonLeftTeam,
  PersonErased: goal.PersonErased,
  GoalProposed: goal.GoalProposed,
  GoalAgreementGiven: goal.GoalAgreementGiven,
  GoalAgreed: goal.GoalAgreed,
  ProgressReported: goal.ProgressReported,
  EvidenceSubmitted: goal.EvidenceSubmitted,
  EvidenceAccepted: goal.EvidenceAccepted,
  EvidenceReferred: goal.EvidenceReferred,
  EvidenceRejected: goal.EvidenceRejected,
  EvidenceVoided: goal.EvidenceVoided,
  GoalAttained: goal.GoalAttained,
  AttainmentRevoked: goal.AttainmentRevoked,
  GoalWithdrawn: goal.GoalWithdrawn,
  GoalFellOverdue: goal.GoalFellOverdue,
  GoalMissed: goal.GoalMissed,
};

/** How to read each fact, by its published type. */
export const decoders: Decoders = Object.fromEntries(
  Object.entries(facts).map(([name, message]) => [`goal.v1.${name}`, (value: Uint8Array) => message.decode(value)]),
);

type Fact<D> = Omit<InboxEvent, 'data'> & Readonly<{ data: D }>;

/** A rule for one type of fact, whose data has the type that its decoder gives. */
export const whenFact = <Row extends object, D extends object>(rule: {
  key: (fact: Fact<D>) => Partial<Row>;
  row: (row: Row | undefined, fact: Fact<D>) => Row | undefined;
}): Rule<Row, InboxEvent> => rule as unknown as Rule<Row, InboxEvent>;
