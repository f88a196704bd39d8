import { localDate, uuid, version } from '@oppi/service';
import { z } from 'zod';

export const goalStatus = z.enum(['proposed', 'agreed', 'overdue', 'attained', 'missed', 'withdrawn']);

/** A goal in a list. */
export const goalSummary = z
  .strictObject({
    goalId: uuid,
    status: goalStatus,
    personId: uuid.optional(),
    teamId: uuid.optional(),
    dueOn: localDate,
    version,
  })
  .meta({ id: 'GoalSummary' });
export type GoalSummary = z.output<typeof goalSummary>;

/** The summary of a row of `goal_list`, called `g`, as JSON. */
export const SUMMARY_OF_GOAL = `json_strip_nulls(json_build_object('goalId', g.goal_id, 'status', g.status,
  'personId', g.person_id, 'teamId', g.team_id, 'dueOn', g.due_on, 'version', g.version))`;
