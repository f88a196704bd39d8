import * as goal from '@oppi/contracts/goal/v1/goal_events';
import { decodersOf } from '@oppi/intake';
import { coachFacts } from '@oppi/learner-coaches';

/** The facts that time-allocation takes in. */
export const decoders = {
  ...coachFacts,
  ...decodersOf('goal.v1', {
    OrganisationRegistered: goal.OrganisationRegistered,
    PersonAdded: goal.PersonAdded,
    PersonErased: goal.PersonErased,
    GoalProposed: goal.GoalProposed,
    GoalAgreed: goal.GoalAgreed,
    GoalAttained: goal.GoalAttained,
    AttainmentRevoked: goal.AttainmentRevoked,
    GoalWithdrawn: goal.GoalWithdrawn,
    GoalMissed: goal.GoalMissed,
  }),
};
