import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { ParkedMessages } from '@oppi/messaging';
import { Operation, organisationId, type OutputOf, query } from '@oppi/service';
import { z } from 'zod';

const parked = z
  .strictObject({
    parkedId: z.string(),
    topic: z.string(),
    offset: z.string(),
    subject: z.string(),
    type: z.string(),
    reason: z.string(),
    parkedAt: z.iso.datetime(),
  })
  .meta({ id: 'ParkedMessage' });

@Operation({
  rpc: 'ListParkedMessages',
  http: 'GET /organisations/:organisationId/parked-messages',
  allow: ['operations'],
  summary: 'Lists messages that could not be read and wait for a decision.',
})
export class ListParkedMessages extends query(
  z.strictObject({ organisationId }),
  z.strictObject({ messages: z.array(parked) }),
) {}

const MOST = 200;

@QueryHandler(ListParkedMessages)
export class ListParkedMessagesHandler implements IQueryHandler<ListParkedMessages> {
  constructor(private readonly parked: ParkedMessages) {}

  async execute({ input }: ListParkedMessages): Promise<OutputOf<typeof ListParkedMessages>> {
    const messages = await this.parked.list(input.organisationId, MOST);
    return {
      messages: messages.map(({ id, topic, offset, subject, type, reason, parkedAt }) => ({
        parkedId: id.toString(),
        topic,
        offset: offset.toString(),
        subject: subject ?? '',
        type: type ?? '',
        reason,
        parkedAt,
      })),
    };
  }
}
