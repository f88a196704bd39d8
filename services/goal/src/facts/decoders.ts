import * as coaching from '@oppi/contracts/coaching/v1/coaching_events';
import { decodersOf } from '@oppi/intake';
import type { Decoders } from '@oppi/messaging';

const { CoachAssigned, CoachUnassigned } = coaching;

/** The facts that goal takes in; others are counted and passed over. */
export const decoders: Decoders = decodersOf('coaching.v1', { CoachAssigned, CoachUnassigned });
