import { DomainError, localDateOf } from '@oppi/event-sourcing';
import { type Goal, goalStream, open, type SetGoal } from './goal';
import type { GoalEvent } from './goal.events';

/** Minutes that the activities of a goal need together; 0 when none was estimated. */
export const neededMinutes = ({ activities }: Pick<SetGoal, 'activities'>): number =>
  activities.reduce((sum, each) => sum + each.estimatedMinutes, 0);

/** An activity is done once; like progress it informs and never attains. */
export const completeActivity = (state: Goal, activityId: string, occurredAt: string): GoalEvent[] => {
  const { terms, activities } = open(state);
  const activity = activities.find((each) => each.activityId === activityId);
  if (!activity) throw new DomainError('refused', 'activity-unknown', 'This goal has no such activity.');
  if (activity.doneOn !== undefined)
    throw new DomainError('conflict', 'activity-already-done', 'This activity was done already.');
  const effectiveOn = localDateOf(occurredAt, terms.timeZone);
  return [{ type: 'ActivityDone', data: { goalId: terms.goalId, activityId, effectiveOn } }];
};

/** Where the link to an activity lies in the content vault. */
export const linkPlace = (goalId: string, activityId: string): string =>
  `${goalStream(goalId)}/activity-${activityId}/link`;
