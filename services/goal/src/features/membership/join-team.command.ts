import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, instant, Operation, organisationId, uuid } from '@oppi/service';
import { z } from 'zod';
import { effectiveOn } from '../../domain/dating';
import { organisation, organisationStream, registered } from '../../domain/organisation';
import { joinTeam, person, personStream } from '../../domain/person';
import { defined, team, teamStream } from '../../domain/team';

@Operation({
  rpc: 'JoinTeam',
  http: 'POST /organisations/:organisationId/persons/:personId/join-team',
  allow: ['operations', 'manager', 'integration'],
  summary: 'Starts a membership.',
})
export class JoinTeam extends command(
  z.strictObject({
    organisationId,
    personId: uuid,
    teamId: uuid,
    occurredAt: instant.optional(),
    dateUnknown: z.boolean().default(false),
  }),
) {}

@CommandHandler(JoinTeam)
export class JoinTeamHandler implements ICommandHandler<JoinTeam> {
  constructor(private readonly store: EventStore) {}

  execute({ input, context }: JoinTeam): Promise<Accepted> {
    const { personId, teamId } = input;
    const streams = {
      person: streamOf(person, personStream(personId)),
      team: streamOf(team, teamStream(teamId)),
      organisation: streamOf(organisation, organisationStream(input.organisationId)),
    };
    return this.store.transact(context, streams, (states) => {
      const { timeZone } = registered(states.organisation);
      defined(states.team);
      return { person: joinTeam(states.person, personId, teamId, effectiveOn(context, timeZone, input.dateUnknown)) };
    });
  }
}
