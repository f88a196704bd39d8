import type { Session } from '@oppi/database';

/** Until the transaction of the session ends, nothing is appended: it takes the lock that every append takes. */
export const holdAppends = async (session: Session): Promise<void> => {
  await session.query('select pg_advisory_xact_lock(7140002)');
};
