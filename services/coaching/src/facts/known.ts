import { Inject, Injectable } from '@nestjs/common';
import { DATABASE, type Database } from '@oppi/database';
import { DomainError } from '@oppi/event-sourcing';

type Row = { time_zone: string; person: boolean; goal: boolean; goal_person: string | null };

/** What coaching has heard of from goal. Only grows, so what is known now stays known. */
@Injectable()
export class Known {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /**
   * The organisation's time zone. Throws `unknown-yet`, which may be tried again, when coaching has not heard of the
   * organisation, the person or the goal.
   */
  async timeZoneFor(organisationId: string, about: { personId: string; goalId?: string | undefined }): Promise<string> {
    const { personId, goalId } = about;
    const { rows } = await this.database.query<Row>(
      `select o.time_zone, p.person_id is not null as person, g.goal_id is not null as goal, g.person_id as goal_person
       from known_organisations o
       left join known_persons p on p.organisation_id = o.organisation_id and p.person_id = $2
       left join followed_goals g on g.organisation_id = o.organisation_id and g.goal_id = $3
       where o.organisation_id = $1`,
      [organisationId, personId, goalId ?? null],
    );
    const [found] = rows;
    if (!found) throw unknownYet('organisation');
    if (!found.person) throw unknownYet('person');
    if (goalId === undefined) return found.time_zone;
    if (!found.goal) throw unknownYet('goal');
    if (found.goal_person !== null && found.goal_person !== personId)
      throw new DomainError('refused', 'goal-of-another', 'This goal is not of this learner.');
    return found.time_zone;
  }
}

const unknownYet = (what: string): DomainError =>
  new DomainError('unknown-yet', `${what}-unknown-yet`, `Coaching has not heard of this ${what} yet. Try again.`);
