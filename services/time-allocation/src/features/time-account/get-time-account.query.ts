import { Inject } from '@nestjs/common';
import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DATABASE, type Database } from '@oppi/database';
import { EventStore, streamOf } from '@oppi/event-store';
import { localDate, Operation, organisationId, type OutputOf, query, uuid } from '@oppi/service';
import { z } from 'zod';
import { allowance, allowanceStream } from '../../domain/allowance';
import { minutesGiven, RULE } from '../../domain/feasibility';
import { isoWeeksIn } from '../../domain/iso-week';
import { countDays, type Days } from '../../domain/local-days';
import { KnownFacts } from '../../known/known-facts';

const minutes = z.int().min(0);
const MOST_DAYS = 371; // 53 weeks
const week = z
  .strictObject({
    year: z.int(),
    week: z.int().min(1).max(53),
    startsOn: localDate,
    untilOn: localDate,
    givenMinutes: minutes,
    loggedMinutes: minutes,
  })
  .meta({ id: 'TimeWeek' });

@Operation({
  rpc: 'GetTimeAccount',
  http: 'GET /organisations/:organisationId/persons/:personId/time-account',
  allow: ['operations', 'coach', 'sponsor', 'manager', 'learner', 'integration'],
  own: ['coach', 'learner'],
  summary: 'Compares the minutes given and logged, by ISO week (rule T14), in at most 53 weeks. Lags a moment behind.',
})
export class GetTimeAccount extends query(
  z
    .strictObject({ organisationId, personId: uuid, fromOn: localDate, untilOn: localDate })
    .refine((days) => days.fromOn < days.untilOn && countDays(days) <= MOST_DAYS, {
      path: ['untilOn'],
      message: 'must lie 1 to 371 days after fromOn',
    }),
  z.strictObject({ weeks: z.array(week), givenMinutes: minutes, loggedMinutes: minutes, rule: z.string() }),
) {}

@QueryHandler(GetTimeAccount)
export class GetTimeAccountHandler implements IQueryHandler<GetTimeAccount> {
  constructor(
    private readonly store: EventStore,
    private readonly facts: KnownFacts,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  async execute({ input, caller }: GetTimeAccount): Promise<OutputOf<typeof GetTimeAccount>> {
    const { organisationId, personId } = input;
    await this.facts.requireOwn({ id: caller.actorId, role: caller.role }, input);
    const [{ state }, logged] = await Promise.all([
      this.store.load(organisationId, streamOf(allowance, allowanceStream(personId))),
      this.loggedByDay(input),
    ]);
    const loggedIn = ({ fromOn, untilOn }: Days): number =>
      logged.reduce((sum, day) => (day.on >= fromOn && day.on < untilOn ? sum + day.minutes : sum), 0);
    return {
      weeks: isoWeeksIn(input).map(({ year, week, fromOn, untilOn }) => {
        const days = { fromOn, untilOn };
        const givenMinutes = minutesGiven(state.grants, days);
        return { year, week, startsOn: fromOn, untilOn, givenMinutes, loggedMinutes: loggedIn(days) };
      }),
      givenMinutes: minutesGiven(state.grants, input),
      loggedMinutes: loggedIn(input),
      rule: RULE,
    };
  }

  /** What was rejected does not count; what is pending does. */
  private async loggedByDay({ organisationId, personId, fromOn, untilOn }: GetTimeAccount['input']) {
    const { rows } = await this.database.query<{ on: string; minutes: number }>(
      `select logged_on::text as on, sum(minutes)::integer as minutes from time_entries
       where organisation_id = $1 and person_id = $2 and logged_on >= $3 and logged_on < $4 and status <> 'rejected'
       group by logged_on`,
      [organisationId, personId, fromOn, untilOn],
    );
    return rows;
  }
}
