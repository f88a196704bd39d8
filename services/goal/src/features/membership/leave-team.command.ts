import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { localDateOf } from '@oppi/event-sourcing';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, instant, Operation, organisationId, uuid } from '@oppi/service';
import { z } from 'zod';
import { organisation, organisationStream, registered } from '../../domain/organisation';
import { leaveTeam, person, personStream } from '../../domain/person';

@Operation({
  rpc: 'LeaveTeam',
  http: 'POST /organisations/:organisationId/persons/:personId/leave-team',
  allow: ['operations', 'manager', 'integration'],
  summary: 'Ends a membership.',
})
export class LeaveTeam extends command(
  z.strictObject({ organisationId, personId: uuid, teamId: uuid, occurredAt: instant.optional() }),
) {}

@CommandHandler(LeaveTeam)
export class LeaveTeamHandler implements ICommandHandler<LeaveTeam> {
  constructor(private readonly store: EventStore) {}

  execute({ input, context }: LeaveTeam): Promise<Accepted> {
    const { personId, teamId } = input;
    const streams = {
      person: streamOf(person, personStream(personId)),
      organisation: streamOf(organisation, organisationStream(input.organisationId)),
    };
    return this.store.transact(context, streams, (states) => {
      const { timeZone } = registered(states.organisation);
      return { person: leaveTeam(states.person, personId, teamId, localDateOf(context.occurredAt, timeZone)) };
    });
  }
}
