import type { Session } from '@oppi/database';
import { DomainError } from '@oppi/event-sourcing';

/**
 * SQL: whether rows of `alias` are in the care of the coach that the parameter names, now: those of learners in the own
 * care, and those of no one person. For every other reader the parameter is null, and all are.
 */
export const inCare = (coachId: string, alias: string, table = 'coach_assignments'): string =>
  `(${coachId}::uuid is null or ${alias}.person_id is null or exists (
  select from ${table} c where c.organisation_id = ${alias}.organisation_id and c.person_id = ${alias}.person_id
    and c.coach_id = ${coachId} and c.until_on is null))`;

type Whose = Readonly<{ organisationId: string; personId?: string | undefined }>;

/**
 * Refuses a person who is not the caller's: a learner knows only himself or herself, a coach the learners in the own care,
 * by `coach_assignments`. To them nobody else is there. Without a person it is about nobody, which no learner asks.
 */
export const requireOwn = async (
  database: Pick<Session, 'query'>,
  { id, role }: Readonly<{ id: string; role: string }>,
  { organisationId, personId }: Whose,
): Promise<void> => {
  if (role === 'learner' && personId !== id) throw nobody();
  if (role !== 'coach' || personId === undefined) return;
  const { rowCount } = await database.query(
    `select from (select $1::uuid as organisation_id, $2::uuid as person_id) p where ${inCare('$3', 'p')}`,
    [organisationId, personId, id],
  );
  if (rowCount === 0) throw nobody();
};

const nobody = (): DomainError => new DomainError('not-found', 'person-not-found', 'There is no such person.');
