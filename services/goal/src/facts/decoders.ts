import { coachFacts } from '@oppi/learner-coaches';
import type { Decoders } from '@oppi/messaging';

/** The facts that goal takes in; others are counted and passed over. */
export const decoders: Decoders = coachFacts;
