import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ParkedMessages } from '@oppi/messaging';
import { command, Operation, organisationId, type OutputOf } from '@oppi/service';
import { z } from 'zod';

@Operation({
  rpc: 'RedriveParkedMessages',
  http: 'POST /organisations/:organisationId/parked-messages/redrive',
  allow: ['operations'],
  summary: 'Tries parked messages again, in their order. Again changes nothing more.',
})
export class RedriveParkedMessages extends command(
  z.strictObject({ organisationId }),
  z.strictObject({ redriven: z.int().min(0), stillParked: z.int().min(0) }),
) {}

@CommandHandler(RedriveParkedMessages)
export class RedriveParkedMessagesHandler implements ICommandHandler<RedriveParkedMessages> {
  constructor(private readonly parked: ParkedMessages) {}

  execute({ input }: RedriveParkedMessages): Promise<OutputOf<typeof RedriveParkedMessages>> {
    return this.parked.redrive(input.organisationId);
  }
}
