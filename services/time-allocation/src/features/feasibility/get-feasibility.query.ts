import { Inject } from '@nestjs/common';
import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { type Clock, localDateOf } from '@oppi/event-sourcing';
import { EventStore, streamOf } from '@oppi/event-store';
import { CLOCK, localDate, Operation, organisationId, type OutputOf, query, uuid } from '@oppi/service';
import { z } from 'zod';
import { allowance, allowanceStream, askFeasibility } from '../../domain/allowance';
import { RULE } from '../../domain/feasibility';
import { requirePerson, timeZoneOf } from '../../domain/known';
import { KnownFacts } from '../../known/known-facts';

const minutes = z.int().min(0);

@Operation({
  rpc: 'GetFeasibility',
  http: 'GET /organisations/:organisationId/persons/:personId/feasibility',
  allow: ['operations', 'coach', 'sponsor', 'manager', 'learner', 'integration'],
  own: ['coach', 'learner'],
  summary:
    'Tells whether a goal is feasible: minutes needed by the due date against minutes given and not promised yet.',
})
export class GetFeasibility extends query(
  z.strictObject({
    organisationId,
    personId: uuid,
    neededMinutes: z.int().min(1).max(1_500_000),
    dueOn: localDate,
    goalId: uuid.optional(),
  }),
  z.strictObject({
    status: z.enum(['feasible', 'short', 'no-policy']),
    neededMinutes: minutes,
    givenMinutes: minutes,
    promisedMinutes: minutes,
    fromOn: localDate,
    dueOn: localDate,
    rule: z.string(),
  }),
) {}

@QueryHandler(GetFeasibility)
export class GetFeasibilityHandler implements IQueryHandler<GetFeasibility> {
  constructor(
    private readonly store: EventStore,
    private readonly facts: KnownFacts,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ input, caller }: GetFeasibility): Promise<OutputOf<typeof GetFeasibility>> {
    const { organisationId, personId, dueOn } = input;
    await this.facts.requireOwn({ id: caller.actorId, role: caller.role }, input);
    const [known, endedGoals, { state }] = await Promise.all([
      this.facts.about({ organisationId, personId }),
      this.facts.endedGoals(organisationId, personId),
      this.store.load(organisationId, streamOf(allowance, allowanceStream(personId))),
    ]);
    requirePerson(known);
    const today = localDateOf(this.clock.now(), timeZoneOf(known));
    return { ...askFeasibility(state, input, { today, endedGoals }), fromOn: today, dueOn, rule: RULE };
  }
}
