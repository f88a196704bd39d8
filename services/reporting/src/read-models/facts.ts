import * as goal from '@oppi/contracts/goal/v1/goal_events';
import { decodersOf } from '@oppi/intake';
import { coachFacts } from '@oppi/learner-coaches';

/** The facts that reporting takes in. */
export const decoders = {
  ...decodersOf('goal.v1', {
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
    CommitmentProposed: goal.CommitmentProposed,
    CommitmentAgreementGiven: goal.CommitmentAgreementGiven,
    CommitmentAgreed: goal.CommitmentAgreed,
  }),
  ...coachFacts,
};
