import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { DATABASE, type Database } from '@oppi/database';
import { EventStore, streamOf, Vault } from '@oppi/event-store';
import { type Caller, localDate, Operation, organisationId, type OutputOf, query, readerOf, uuid } from '@oppi/service';
import { z } from 'zod';
import { ROUTES } from '../../domain/gap';
import { vision, visionPlace, visionStream } from '../../domain/vision';
import { visibleTo } from '../../read-models/learner-coaches.projection';
import { goalSummary, SUMMARY_OF_GOAL } from '../../read-models/goal-summary';

const visionInSight = z
  .strictObject({ text: z.string().optional(), visionNo: z.int(), effectiveOn: localDate })
  .meta({ id: 'Vision' });
const gapInSight = z
  .strictObject({
    gapId: uuid,
    competence: z.string(),
    teamId: uuid.optional(),
    currentLevel: z.int().optional(),
    targetLevel: z.int(),
    route: z.enum(ROUTES),
    core: z.boolean(),
    goals: z.array(goalSummary),
  })
  .meta({ id: 'GapInSight' });

@Operation({
  rpc: 'GetLineOfSight',
  http: 'GET /organisations/:organisationId/line-of-sight',
  allow: ['operations', 'coach', 'sponsor', 'manager', 'integration'],
  own: ['coach'],
  summary: 'Reads from the vision over the gaps to the goals that close them. Lags a moment behind the commands.',
})
export class GetLineOfSight extends query(
  z.strictObject({ organisationId }),
  z.strictObject({ vision: visionInSight.optional(), gaps: z.array(gapInSight) }),
) {}

const MOST = 200;

@QueryHandler(GetLineOfSight)
export class GetLineOfSightHandler implements IQueryHandler<GetLineOfSight> {
  constructor(
    private readonly store: EventStore,
    private readonly vault: Vault,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  async execute({ input: { organisationId }, caller }: GetLineOfSight): Promise<OutputOf<typeof GetLineOfSight>> {
    const coachId = caller.role === 'coach' ? caller.actorId : null;
    const [current, gaps] = await Promise.all([
      this.visionOf(organisationId, caller),
      this.gapsOf(organisationId, coachId),
    ]);
    return { ...(current && { vision: current }), gaps };
  }

  private async visionOf(organisationId: string, caller: Caller): Promise<z.output<typeof visionInSight> | undefined> {
    const { state } = await this.store.load(organisationId, streamOf(vision, visionStream(organisationId)));
    if (state.status === 'unset') return undefined;
    const { visionNo, effectiveOn } = state;
    const place = visionPlace(visionNo);
    const about = { organisationId, vault: 'content', subject: organisationId, below: [place] } as const;
    const text = (await this.vault.read({ ...about, reader: readerOf(GetLineOfSight, caller) })).get(place);
    return { ...(text !== undefined && { text }), visionNo, effectiveOn };
  }

  private async gapsOf(organisationId: string, coachId: string | null): Promise<z.output<typeof gapInSight>[]> {
    const { rows } = await this.database.query<{ gap: z.output<typeof gapInSight> }>(
      `select json_strip_nulls(json_build_object('gapId', gap_id, 'competence', competence, 'teamId', team_id,
                'currentLevel', current_level, 'targetLevel', target_level, 'route', route, 'core', core,
                'goals', array(
                  select ${SUMMARY_OF_GOAL} from goal_list g
                  where g.organisation_id = competence_gaps.organisation_id and g.gap_id = competence_gaps.gap_id
                    and ${visibleTo('$2')}
                  order by g.due_on, g.goal_id limit ${MOST}))) as gap
       from competence_gaps where organisation_id = $1 order by competence, gap_id limit ${MOST}`,
      [organisationId, coachId],
    );
    return rows.map(({ gap }) => gap);
  }
}
