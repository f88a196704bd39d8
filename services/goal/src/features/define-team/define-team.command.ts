import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, Operation, organisationId, text, uuid } from '@oppi/service';
import { z } from 'zod';
import { organisation, organisationStream, registered } from '../../domain/organisation';
import { defineTeam, team, teamStream } from '../../domain/team';

@Operation({
  rpc: 'DefineTeam',
  http: 'PUT /organisations/:organisationId/teams/:teamId',
  allow: ['operations', 'manager', 'integration'],
  summary: 'Defines a team, under a parent where one is named.',
})
export class DefineTeam extends command(
  z.strictObject({ organisationId, teamId: uuid, name: text(120), parentTeamId: uuid.optional() }),
) {}

@CommandHandler(DefineTeam)
export class DefineTeamHandler implements ICommandHandler<DefineTeam> {
  constructor(private readonly store: EventStore) {}

  execute({ input, context }: DefineTeam): Promise<Accepted> {
    const { teamId, parentTeamId } = input;
    const streams = {
      team: streamOf(team, teamStream(teamId)),
      organisation: streamOf(organisation, organisationStream(input.organisationId)),
      // Without a parent this is the team itself, which is then not asked for.
      parent: streamOf(team, teamStream(parentTeamId ?? teamId)),
    };
    return this.store.transact(context, streams, (states) => {
      registered(states.organisation);
      return { team: defineTeam(states.team, parentTeamId ? states.parent : undefined, teamId, input) };
    });
  }
}
