import { CoachAssigned, CoachUnassigned } from '@oppi/contracts/coaching/v1/coaching_events';
import { decodersOf } from '@oppi/intake';

/** What coaching tells of who coaches whom. */
export const coachFacts = decodersOf('coaching.v1', { CoachAssigned, CoachUnassigned });
