import { DomainError } from '@oppi/event-sourcing';
import type { Caller, Role } from '@oppi/service';
import type { Scope } from './question';

/** Who reads figures of teams and organisations; a learner reads only her or his own. */
export const READERS: readonly Role[] = [
  'operations',
  'coach',
  'verifier',
  'billing',
  'sponsor',
  'manager',
  'integration',
];

/** A learner asks only about himself or herself; anything else is as if it were not there. */
export const requireOwn = ({ role, actorId }: Caller, { personId }: Scope): void => {
  if (role === 'learner' && personId !== actorId)
    throw new DomainError('not-found', 'person-not-found', 'There is no such person.');
};
