import { uuid } from '@oppi/service';
import { z } from 'zod';
import { type Concern, CONCERN_KINDS, OUTCOMES } from '../domain/concern';

export const concernView = z
  .strictObject({
    concernId: uuid,
    personId: uuid,
    kind: z.enum(CONCERN_KINDS),
    status: z.enum(['open', 'closed']),
    goalId: uuid.optional(),
    ownerId: uuid.optional(),
    dueAt: z.iso.datetime(),
    raisedAt: z.iso.datetime(),
    outcome: z.enum([...OUTCOMES, 'learner-erased']).optional(),
    closedAt: z.iso.datetime().optional(),
  })
  .meta({ id: 'Concern' });
export type ConcernView = z.output<typeof concernView>;

/** Never the notes, and never who raised it. */
export const viewOf = (concern: Concern): ConcernView => {
  const { concernId, personId, kind, goalId, ownerId, dueAt, raisedAt, outcome, closedAt } = concern;
  return {
    concernId,
    personId,
    kind,
    status: outcome === undefined ? 'open' : 'closed',
    ...(goalId && { goalId }),
    ...(ownerId && { ownerId }),
    dueAt,
    raisedAt,
    ...(outcome && { outcome }),
    ...(closedAt && { closedAt }),
  };
};

const utc = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The same from a row of `concerns`, as JSON. */
export const CONCERN_JSON = `json_strip_nulls(json_build_object('concernId', concern_id, 'personId', person_id, 'kind', kind,
  'status', case when outcome is null then 'open' else 'closed' end, 'goalId', goal_id, 'ownerId', owner_id,
  'dueAt', ${utc('due_at')}, 'raisedAt', ${utc('raised_at')}, 'outcome', outcome, 'closedAt', ${utc('closed_at')}))`;
