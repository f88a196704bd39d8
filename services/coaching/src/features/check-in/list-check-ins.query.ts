import { Inject } from '@nestjs/common';
import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DATABASE, type Database } from '@oppi/database';
import { EventStore, streamOf, Vault } from '@oppi/event-store';
import {
  cursorOf,
  keyOf,
  localDate,
  Operation,
  organisationId,
  type OutputOf,
  pageCursor,
  pageLimit,
  query,
  readerOf,
  uuid,
} from '@oppi/service';
import { z } from 'zod';
import { learner, learnerStream } from '../../domain/learner';
import { mayKnow } from '../../domain/reading';
import { saidIn, textsBelow } from './check-in-texts';

const dial = z.int().min(1).max(5).optional();
const answered = z
  .strictObject({
    checkInId: uuid,
    heldOn: localDate,
    skipped: z.boolean(),
    direction: dial,
    motivation: dial,
    time: dial,
    text: z.string().optional(),
  })
  .meta({ id: 'CheckIn' });

@Operation({
  rpc: 'ListCheckIns',
  http: 'GET /organisations/:organisationId/learners/:personId/check-ins',
  allow: ['learner', 'coach'],
  own: ['coach', 'learner'],
  summary: 'Lists what a learner answered, newest first; for the learner and the assigned coach, and nobody else.',
})
export class ListCheckIns extends query(
  z.strictObject({ organisationId, personId: uuid, limit: pageLimit, cursor: pageCursor.optional() }),
  z.strictObject({ checkIns: z.array(answered), nextCursor: z.string().optional() }),
) {}

type Row = { check_in_id: string; held_on: string; skipped: boolean };

@QueryHandler(ListCheckIns)
export class ListCheckInsHandler implements IQueryHandler<ListCheckIns> {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly store: EventStore,
    private readonly vault: Vault,
  ) {}

  async execute({ input, caller }: ListCheckIns): Promise<OutputOf<typeof ListCheckIns>> {
    const { organisationId, personId, limit, cursor } = input;
    const { state } = await this.store.load(organisationId, streamOf(learner, learnerStream(personId)));
    mayKnow(state, personId, { id: caller.actorId, role: caller.role });
    const filter = [organisationId, personId] as const;
    const { rows } = await this.database.query<Row>(
      `select check_in_id, held_on::text as held_on, skipped from check_ins
       where organisation_id = $1 and person_id = $2 and ($3::text is null or held_on::text || check_in_id::text < $3)
       order by held_on desc, check_in_id desc limit $4`,
      [...filter, cursor === undefined ? null : keyOf(cursor, filter), limit + 1],
    );
    const page = rows.slice(0, limit);
    const texts = await this.vault.read({
      organisationId,
      vault: 'content',
      subject: personId,
      below: page.map(({ check_in_id: checkInId }) => textsBelow(checkInId)),
      reader: readerOf(ListCheckIns, caller),
    });
    const last = page.at(-1);
    return {
      checkIns: page.map(({ check_in_id: checkInId, held_on: heldOn, skipped }) => ({
        checkInId,
        heldOn,
        skipped,
        ...saidIn(texts, checkInId),
      })),
      ...(rows.length > limit && last && { nextCursor: cursorOf(`${last.held_on}${last.check_in_id}`, filter) }),
    };
  }
}
