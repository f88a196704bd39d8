import { Inject, Injectable } from '@nestjs/common';
import { DATABASE, type Database } from '@oppi/database';
import { addDays, type Clock, localDateOf } from '@oppi/event-sourcing';
import { CLOCK } from '@oppi/service';
import { SETTINGS, type Settings } from '../../coaching.config';

type Age = { checkIns: 'fresh' | 'stale'; lastCheckInOn?: string };
type Row = { held_on: string; skipped: boolean };

/** How old a learner's answers are. One that was skipped makes them stale, and never counts as a low one (rule C12). */
@Injectable()
export class AnswerAge {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  async of(organisationId: string, personId: string, timeZone: string): Promise<Age> {
    const { rows } = await this.database.query<Row>(
      `select max(held_on)::text as held_on, skipped from check_ins
       where organisation_id = $1 and person_id = $2 group by skipped`,
      [organisationId, personId],
    );
    const answeredOn = rows.find(({ skipped }) => !skipped)?.held_on;
    const skippedOn = rows.find(({ skipped }) => skipped)?.held_on;
    if (answeredOn === undefined) return { checkIns: 'stale' };
    const oldest = addDays(localDateOf(this.clock.now(), timeZone), -this.settings.CHECK_IN_STALE_DAYS);
    const isFresh = answeredOn >= oldest && (skippedOn === undefined || skippedOn <= answeredOn);
    return { checkIns: isFresh ? 'fresh' : 'stale', lastCheckInOn: answeredOn };
  }
}
