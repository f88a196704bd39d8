import * as goal from '@oppi/contracts/goal/v1/goal_events';
import * as time from '@oppi/contracts/time_allocation/v1/time_allocation_events';
import { decodersOf } from '@oppi/intake';

/** The facts that coaching takes in. */
export const decoders = {
  ...decodersOf('goal.v1', {
    OrganisationRegistered: goal.OrganisationRegistered,
    PersonAdded: goal.PersonAdded,
    PersonErased: goal.PersonErased,
    GoalProposed: goal.GoalProposed,
    GoalAgreed: goal.GoalAgreed,
    ActivityDone: goal.ActivityDone,
    ProgressReported: goal.ProgressReported,
    EvidenceSubmitted: goal.EvidenceSubmitted,
    GoalAttained: goal.GoalAttained,
    AttainmentRevoked: goal.AttainmentRevoked,
    GoalWithdrawn: goal.GoalWithdrawn,
    GoalMissed: goal.GoalMissed,
  }),
  ...decodersOf('time_allocation.v1', { TimeShortfallFound: time.TimeShortfallFound }),
};
