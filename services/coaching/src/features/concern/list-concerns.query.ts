import { Inject } from '@nestjs/common';
import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DATABASE, type Database } from '@oppi/database';
import {
  cursorOf,
  keyOf,
  Operation,
  organisationId,
  type OutputOf,
  pageCursor,
  pageLimit,
  query,
  uuid,
} from '@oppi/service';
import { z } from 'zod';
import { CONCERN_JSON, type ConcernView, concernView } from '../../read-models/concern-view';

@Operation({
  rpc: 'ListConcerns',
  http: 'GET /organisations/:organisationId/concerns',
  allow: ['operations', 'coach'],
  own: ['coach'],
  summary: 'Lists concerns, a page at a time. A coach sees only own ones. Lags a moment behind the commands.',
})
export class ListConcerns extends query(
  z.strictObject({
    organisationId,
    status: z.enum(['open', 'closed']).optional(),
    personId: uuid.optional(),
    ownerId: uuid.optional(),
    limit: pageLimit,
    cursor: pageCursor.optional(),
  }),
  z.strictObject({ concerns: z.array(concernView), nextCursor: z.string().optional() }),
) {}

@QueryHandler(ListConcerns)
export class ListConcernsHandler implements IQueryHandler<ListConcerns> {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  async execute({ input, caller }: ListConcerns): Promise<OutputOf<typeof ListConcerns>> {
    const { organisationId, status, personId, limit, cursor } = input;
    const ownerId = caller.role === 'coach' ? caller.actorId : input.ownerId;
    const filter = [organisationId, status ?? null, personId ?? null, ownerId ?? null] as const;
    const { rows } = await this.database.query<{ row: ConcernView }>(
      `select ${CONCERN_JSON} as row from concerns
       where organisation_id = $1 and ($2::text is null or (outcome is null) = ($2 = 'open'))
         and ($3::uuid is null or person_id = $3) and ($4::uuid is null or owner_id = $4)
         and ($5::text is null or person_id::text || concern_id::text > $5)
       order by person_id, concern_id limit $6`,
      [...filter, cursor === undefined ? null : keyOf(cursor, filter), limit + 1],
    );
    const concerns = rows.slice(0, limit).map(({ row }) => row);
    const last = concerns.at(-1);
    return {
      concerns,
      ...(rows.length > limit && last && { nextCursor: cursorOf(`${last.personId}${last.concernId}`, filter) }),
    };
  }
}
