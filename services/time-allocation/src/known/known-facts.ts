import { Inject, Injectable } from '@nestjs/common';
import { DATABASE, type Database } from '@oppi/database';
import { requireOwn } from '@oppi/learner-coaches';
import type { Known } from '../domain/known';

type About = Readonly<{ organisationId: string; personId?: string; goalId?: string }>;
type Row = {
  time_zone: string | null;
  erased: boolean | null;
  person_id: string | null;
  due_on: string | null;
  imported: boolean | null;
};

/** Looks up what goal and coaching have told so far. */
@Injectable()
export class KnownFacts {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  async about({ organisationId, personId, goalId }: About): Promise<Known> {
    const { rows } = await this.database.query<Row>({
      name: 'known-facts',
      text: `select o.time_zone, p.erased, g.person_id, g.due_on::text as due_on, g.imported
             from (select $1::uuid as organisation_id) k
             left join organisations o using (organisation_id)
             left join persons p on p.organisation_id = $1 and p.person_id = $2
             left join goals g on g.organisation_id = $1 and g.goal_id = $3`,
      values: [organisationId, personId ?? null, goalId ?? null],
    });
    const [row] = rows;
    return {
      timeZone: row?.time_zone ?? undefined,
      person: typeof row?.erased === 'boolean' ? { erased: row.erased } : undefined,
      goal:
        typeof row?.due_on === 'string'
          ? { personId: row.person_id ?? undefined, dueOn: row.due_on, imported: row.imported === true }
          : undefined,
    };
  }

  /** Refuses a person who is not the asking learner, nor in the care of the asking coach. */
  requireOwn(
    asker: Readonly<{ id: string; role: string }>,
    whose: Readonly<{ organisationId: string; personId: string }>,
  ): Promise<void> {
    return requireOwn(this.database, asker, whose);
  }

  /** The goals of a person that need no time any more. */
  async endedGoals(organisationId: string, personId: string): Promise<ReadonlySet<string>> {
    const { rows } = await this.database.query<{ goal_id: string }>({
      name: 'ended-goals',
      text: 'select goal_id from goals where organisation_id = $1 and person_id = $2 and ended',
      values: [organisationId, personId],
    });
    return new Set(rows.map((row) => row.goal_id));
  }
}
