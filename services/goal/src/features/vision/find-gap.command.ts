import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, Operation, organisationId, text, uuid } from '@oppi/service';
import { z } from 'zod';
import { findGap, gap, gapStream, ROUTES } from '../../domain/gap';
import { organisation, organisationStream, registered } from '../../domain/organisation';
import { defined, team, teamStream } from '../../domain/team';

@Operation({
  rpc: 'FindGap',
  http: 'PUT /organisations/:organisationId/gaps/:gapId',
  allow: ['operations', 'coach', 'sponsor', 'manager', 'integration'],
  summary: 'Records a competence gap and the route by which it is closed.',
})
export class FindGap extends command(
  z.strictObject({
    organisationId,
    gapId: uuid,
    competence: text(120),
    teamId: uuid.optional(),
    currentLevel: z.int().min(0).max(5).optional(),
    targetLevel: z.int().min(1).max(5),
    route: z.enum(ROUTES),
    core: z.boolean().default(false),
  }),
) {}

@CommandHandler(FindGap)
export class FindGapHandler implements ICommandHandler<FindGap> {
  constructor(private readonly store: EventStore) {}

  execute({ input, context }: FindGap): Promise<Accepted> {
    const { organisationId, ...terms } = input;
    const streams = {
      gap: streamOf(gap, gapStream(terms.gapId)),
      organisation: streamOf(organisation, organisationStream(organisationId)),
      ...(terms.teamId && { team: streamOf(team, teamStream(terms.teamId)) }),
    };
    return this.store.transact(context, streams, (states) => {
      registered(states.organisation);
      if (states.team) defined(states.team);
      return { gap: findGap(states.gap, terms) };
    });
  }
}
