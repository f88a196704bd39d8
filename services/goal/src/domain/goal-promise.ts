import { DomainError } from '@oppi/event-sourcing';
import type { Goal } from './goal';
import type { GoalEvent } from './goal.events';

/** The goals of a commitment's list as they stand, by their ids. */
export type ListedGoals = ReadonlyMap<string, Goal>;
type Promised = Readonly<{ commitmentId: string; dueOn: string }>;

const OBSTACLES = {
  'goal-not-found': 'not there',
  'goal-due-after-commitment': 'due later than the commitment',
  'goal-not-agreed': 'not agreed yet by both parties',
  'goal-ended': 'over',
  'goal-already-promised': 'in another agreed commitment',
};
type Obstacle = keyof typeof OBSTACLES;

/**
 * What keeps a goal off a list, whoever agrees. Due no later than the commitment: a goal takes no evidence from after its
 * own due date, so an attainment of a listed goal is always in time.
 */
const whenProposed = (goal: Goal, { dueOn }: Promised): Obstacle | undefined => {
  if (goal.status === 'unset') return 'goal-not-found';
  return goal.terms.dueOn > dueOn ? 'goal-due-after-commitment' : undefined;
};

const whenAgreed = (goal: Goal, promised: Promised): Obstacle | undefined => {
  const obstacle = whenProposed(goal, promised);
  if (obstacle || goal.status === 'unset') return obstacle;
  if (goal.status === 'proposed') return 'goal-not-agreed';
  if (goal.status !== 'agreed' && goal.status !== 'overdue') return 'goal-ended';
  return goal.commitmentId === undefined ? undefined : 'goal-already-promised';
};

/** Refuses a list with goals that can never be on it. */
export const requireListable = (goals: ListedGoals, promised: Promised): void => {
  refuseAny(goals, (goal) => whenProposed(goal, promised));
};

/** Counts every goal of the list under the commitment, all or none; a goal is in one agreed commitment only (rule A14). */
export const promiseGoals = (goals: ListedGoals, promised: Promised): ReadonlyMap<string, GoalEvent[]> => {
  refuseAny(goals, (goal) => whenAgreed(goal, promised));
  const { commitmentId } = promised;
  return new Map(
    [...goals.keys()].map((goalId) => [goalId, [{ type: 'GoalPromised', data: { goalId, commitmentId } }]]),
  );
};

const NAMED = 5;

const refuseAny = (goals: ListedGoals, obstacleTo: (goal: Goal) => Obstacle | undefined): void => {
  const found = [...goals].map(([goalId, goal]) => ({ goalId, obstacle: obstacleTo(goal) }));
  const obstacle = (Object.keys(OBSTACLES) as Obstacle[]).find((each) => found.some((goal) => goal.obstacle === each));
  if (!obstacle) return;
  const ids = found.filter((goal) => goal.obstacle === obstacle).map(({ goalId }) => goalId);
  const named = `${ids.slice(0, NAMED).join(', ')}${ids.length > NAMED ? ' and more' : ''}`;
  throw new DomainError(
    'refused',
    obstacle,
    `${String(ids.length)} of the goals are ${OBSTACLES[obstacle]}: ${named}.`,
  );
};
