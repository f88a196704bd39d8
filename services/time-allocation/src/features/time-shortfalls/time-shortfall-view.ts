import { localDate, uuid } from '@oppi/service';
import { z } from 'zod';

const minutes = z.int().min(0);

/** A goal that needs more minutes than its person is given, as readers see it. */
export const timeShortfallView = z
  .strictObject({
    goalId: uuid,
    personId: uuid,
    neededMinutes: minutes,
    givenMinutes: minutes,
    promisedMinutes: minutes,
    dueOn: localDate,
    on: localDate,
  })
  .meta({ id: 'TimeShortfall' });

export type TimeShortfallView = z.output<typeof timeShortfallView>;

/** A row of `time_shortfalls s` in that form. */
export const SHORTFALL_JSON = `
  json_build_object('goalId', s.goal_id, 'personId', s.person_id, 'neededMinutes', needed_minutes,
    'givenMinutes', given_minutes, 'promisedMinutes', promised_minutes, 'dueOn', s.due_on, 'on', found_on)`;

/** The open ones of organisation $1; a goal that ended since needs no time any more, so it is not among them. */
export const OPEN_SHORTFALLS = `
  time_shortfalls s left join goals g on g.organisation_id = s.organisation_id and g.goal_id = s.goal_id
  where s.organisation_id = $1 and open and g.ended is not true`;
