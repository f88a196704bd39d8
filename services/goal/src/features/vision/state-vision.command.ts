import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { localDateOf } from '@oppi/event-sourcing';
import { EventStore, streamOf } from '@oppi/event-store';
import { type Accepted, command, instant, Operation, organisationId, prose } from '@oppi/service';
import { z } from 'zod';
import { organisation, organisationStream, registered } from '../../domain/organisation';
import { nextVisionNo, stateVision, vision, visionPlace, visionStream } from '../../domain/vision';

@Operation({
  rpc: 'StateVision',
  http: 'POST /organisations/:organisationId/vision',
  allow: ['operations', 'sponsor'],
  summary: "States the organisation's vision; the one stated last is current.",
})
export class StateVision extends command(
  z.strictObject({ organisationId, text: prose(4_000), occurredAt: instant.optional() }),
) {}

@CommandHandler(StateVision)
export class StateVisionHandler implements ICommandHandler<StateVision> {
  constructor(private readonly store: EventStore) {}

  execute({ input, context }: StateVision): Promise<Accepted> {
    const { organisationId, text } = input;
    const streams = {
      vision: streamOf(vision, visionStream(organisationId)),
      organisation: streamOf(organisation, organisationStream(organisationId)),
    };
    return this.store.transact(
      context,
      streams,
      (states) => {
        const { timeZone } = registered(states.organisation);
        return { vision: stateVision(states.vision, localDateOf(context.occurredAt, timeZone)) };
      },
      (states) => [
        { vault: 'content', subject: organisationId, place: visionPlace(nextVisionNo(states.vision)), text },
      ],
    );
  }
}
