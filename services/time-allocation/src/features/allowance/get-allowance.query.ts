import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { localDate, Operation, organisationId, type OutputOf, query, uuid, version } from '@oppi/service';
import { z } from 'zod';
import { allowance, allowanceStream } from '../../domain/allowance';
import { KnownFacts } from '../../known/known-facts';

const minutes = z.int().min(0);
const grant = z.strictObject({ minutesPerWeek: minutes, effectiveOn: localDate }).meta({ id: 'Grant' });
const plan = z
  .strictObject({ goalId: uuid, neededMinutes: minutes, plannedOn: localDate, dueOn: localDate, short: z.boolean() })
  .meta({ id: 'TimePlan' });

@Operation({
  rpc: 'GetAllowance',
  http: 'GET /organisations/:organisationId/persons/:personId/allowance',
  allow: ['operations', 'coach', 'sponsor', 'manager', 'learner', 'integration'],
  own: ['coach', 'learner'],
  summary: 'Reads what a person was given and what goals need of it.',
})
export class GetAllowance extends query(
  z.strictObject({ organisationId, personId: uuid }),
  z.strictObject({ personId: uuid, grants: z.array(grant), plans: z.array(plan), version }),
) {}

@QueryHandler(GetAllowance)
export class GetAllowanceHandler implements IQueryHandler<GetAllowance> {
  constructor(
    private readonly store: EventStore,
    private readonly facts: KnownFacts,
  ) {}

  async execute({ input, caller }: GetAllowance): Promise<OutputOf<typeof GetAllowance>> {
    const { organisationId, personId } = input;
    await this.facts.requireOwn({ id: caller.actorId, role: caller.role }, input);
    const { state, version } = await this.store.load(organisationId, streamOf(allowance, allowanceStream(personId)));
    return { personId, grants: [...state.grants], plans: [...state.plans], version };
  }
}
