import type { Role } from '@oppi/service';

/** Who decides on money, and looks after what is held back. */
export const BILLERS: readonly Role[] = ['operations', 'billing'];

/** Who reads commitments, charges and statements: billers, and the client its own. */
export const LEDGER_READERS: readonly Role[] = [...BILLERS, 'sponsor', 'manager', 'integration'];
