import { type StreamOf, streamOf } from '@oppi/event-store';
import { type Goal, goal, goalStream } from '../../domain/goal';
import type { GoalEvent } from '../../domain/goal.events';
import type { ListedGoals } from '../../domain/goal-promise';

type Listed<T> = Readonly<Record<`goal-${string}`, T>>;

/** The streams of a list of goals, each under its own name. */
export const listedStreams = (goalIds: readonly string[]): Listed<StreamOf<Goal, GoalEvent>> =>
  Object.fromEntries(goalIds.map((goalId) => [goalStream(goalId), streamOf(goal, goalStream(goalId))]));

/** The goals of a list among the states that were loaded. */
export const listedGoals = (states: Listed<Goal>, goalIds: readonly string[]): ListedGoals =>
  new Map(goalIds.map((goalId) => [goalId, states[`goal-${goalId}`] as Goal]));

/** What was decided for the goals of a list, by their streams. */
export const byStream = (decided: ReadonlyMap<string, GoalEvent[]>): Listed<GoalEvent[]> =>
  Object.fromEntries([...decided].map(([goalId, events]) => [goalStream(goalId), events]));
