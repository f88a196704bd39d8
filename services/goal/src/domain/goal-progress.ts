import { DomainError, localDateOf } from '@oppi/event-sourcing';
import { type Goal, open } from './goal';
import type { GoalEvent } from './goal.events';

/** Progress informs and never attains. */
export const reportProgress = (
  state: Goal,
  report: { milestoneId: string | undefined; percent: number | undefined; carriedOver: boolean; occurredAt: string },
): GoalEvent[] => {
  const { terms } = open(state);
  const { milestoneId, percent, carriedOver, occurredAt } = report;
  if (milestoneId !== undefined && !terms.milestones.some((milestone) => milestone.milestoneId === milestoneId))
    throw new DomainError('refused', 'milestone-unknown', 'This goal has no such milestone.');
  const effectiveOn = localDateOf(occurredAt, terms.timeZone);
  const measured = { ...(milestoneId !== undefined && { milestoneId }), ...(percent !== undefined && { percent }) };
  return [{ type: 'ProgressReported', data: { goalId: terms.goalId, ...measured, carriedOver, effectiveOn } }];
};
