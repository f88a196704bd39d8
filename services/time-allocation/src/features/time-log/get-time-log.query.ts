import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { code, localDate, Operation, organisationId, type OutputOf, query, uuid, version } from '@oppi/service';
import { z } from 'zod';
import { timeLog, timeLogStream } from '../../domain/time-log';
import { KnownFacts } from '../../known/known-facts';

const month = z.string().regex(/^[0-9]{4}-(0[1-9]|1[0-2])$/, 'must be YYYY-MM');
const entry = z
  .strictObject({
    entryId: uuid,
    on: localDate,
    goalId: uuid,
    minutes: z.int().min(1),
    status: z.enum(['pending', 'confirmed', 'rejected']),
    reasonCode: code.optional(),
  })
  .meta({ id: 'TimeEntry' });

@Operation({
  rpc: 'GetTimeLog',
  http: 'GET /organisations/:organisationId/persons/:personId/time-logs/:month',
  allow: ['operations', 'coach', 'manager', 'learner', 'integration'],
  own: ['coach', 'learner'],
  summary: 'Reads the time entries of a person in a calendar month.',
})
export class GetTimeLog extends query(
  z.strictObject({ organisationId, personId: uuid, month }),
  z.strictObject({ personId: uuid, month, entries: z.array(entry), version }),
) {}

@QueryHandler(GetTimeLog)
export class GetTimeLogHandler implements IQueryHandler<GetTimeLog> {
  constructor(
    private readonly store: EventStore,
    private readonly facts: KnownFacts,
  ) {}

  async execute({ input, caller }: GetTimeLog): Promise<OutputOf<typeof GetTimeLog>> {
    const { organisationId, personId, month } = input;
    await this.facts.requireOwn({ id: caller.actorId, role: caller.role }, input);
    const stream = streamOf(timeLog, timeLogStream(personId, month));
    const { state, version } = await this.store.load(organisationId, stream);
    return { personId, month, entries: [...state], version };
  }
}
