import type { Role } from '@oppi/service';

/** Who reads figures of teams and organisations, which name no person; a learner reads only her or his own. */
export const READERS: readonly Role[] = [
  'operations',
  'coach',
  'verifier',
  'billing',
  'sponsor',
  'manager',
  'integration',
];
