import { addDays, localDateOf } from '@oppi/event-sourcing';
import type { Goal } from './goal';
import type { GoalEvent } from './goal.events';

/**
 * What the clock does to a goal (rule G21): past its due date without a decision it is overdue; when the grace is over it
 * is missed. Both are dated at 24:00 of the due date. History has dates of its own and is left alone.
 */
export const passTime = (state: Goal, now: string): GoalEvent[] => {
  if (state.status !== 'agreed' && state.status !== 'overdue') return [];
  const { goalId, dueOn, timeZone, graceDays, imported } = state.terms;
  const today = localDateOf(now, timeZone);
  if (imported || today <= dueOn) return [];
  const effectiveOn = addDays(dueOn, 1);
  const events: GoalEvent[] = [];
  if (state.status === 'agreed')
    events.push({ type: 'GoalFellOverdue', data: { goalId, outcomeNo: state.outcomeNo + 1, effectiveOn } });
  if (today > addDays(dueOn, graceDays)) {
    const outcomeNo = state.outcomeNo + events.length + 1;
    events.push({ type: 'GoalMissed', data: { goalId, outcomeNo, decidedBy: 'clock', effectiveOn } });
  }
  return events;
};
