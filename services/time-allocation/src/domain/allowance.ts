import { type Decider, DomainError, type Event } from '@oppi/event-sourcing';
import { type Feasibility, feasibility, type Grant, minutesNeeded, NEVER, type Plan } from './feasibility';

type Of<T> = T & { personId: string };
type OnGoal<T> = Of<T> & { goalId: string };

export type TimeGranted = Event<'TimeGranted', Of<Grant>>;
export type TimePlanned = Event<'TimePlanned', Of<Plan>>;
export type TimePlanCorrected = Event<'TimePlanCorrected', OnGoal<{ neededMinutes: number }>>;
/** `givenMinutes` from `on` to the end of `dueOn`, of which `promisedMinutes` belong to goals planned earlier. */
export type TimeShortfallFound = Event<
  'TimeShortfallFound',
  OnGoal<{ neededMinutes: number; givenMinutes: number; promisedMinutes: number; dueOn: string; on: string }>
>;
export type TimeShortfallEnded = Event<'TimeShortfallEnded', OnGoal<{ on: string }>>;
export type AllowanceEvent = TimeGranted | TimePlanned | TimePlanCorrected | TimeShortfallFound | TimeShortfallEnded;

/** Grants in the order of their days, one a day; plans in the order in which they were made: who comes first has the time. */
export type Allowance = Readonly<{ grants: readonly Grant[]; plans: readonly (Plan & { short: boolean })[] }>;

export const allowanceStream = (personId: string): string => `allowance-${personId}`;

export const allowance: Decider<Allowance, AllowanceEvent> = {
  initial: { grants: [], plans: [] },
  evolve: (state, event) => {
    const change = (goalId: string, more: Partial<Plan & { short: boolean }>): Allowance => ({
      ...state,
      plans: state.plans.map((plan) => (plan.goalId === goalId ? { ...plan, ...more } : plan)),
    });
    switch (event.type) {
      case 'TimeGranted': {
        const { minutesPerWeek, effectiveOn } = event.data;
        const others = state.grants.filter((grant) => grant.effectiveOn !== effectiveOn);
        const grants = [...others, { minutesPerWeek, effectiveOn }];
        return { ...state, grants: grants.sort((a, b) => (a.effectiveOn < b.effectiveOn ? -1 : 1)) };
      }
      case 'TimePlanned': {
        const { goalId, neededMinutes, plannedOn, dueOn } = event.data;
        return { ...state, plans: [...state.plans, { goalId, neededMinutes, plannedOn, dueOn, short: false }] };
      }
      case 'TimePlanCorrected':
        return change(event.data.goalId, { neededMinutes: event.data.neededMinutes });
      case 'TimeShortfallFound':
        return change(event.data.goalId, { short: true });
      case 'TimeShortfallEnded':
        return change(event.data.goalId, { short: false });
    }
  },
};

/** What a decision knows from outside: whose time, the local day, and the goals that need none any more. */
export type Circumstances = Readonly<{ personId: string; today: string; endedGoals: ReadonlySet<string> }>;

/** A grant replaces an earlier one of the same day. `backdated`: whether it may reach back, which changes what was promised. */
export const grantTime = (
  state: Allowance,
  { minutesPerWeek, effectiveOn }: Grant,
  about: Circumstances,
  backdated: boolean,
): AllowanceEvent[] => {
  if (effectiveOn < about.today && !backdated)
    throw new DomainError(
      'refused',
      'grant-in-past',
      'Minutes are given from today on; operations may correct the past.',
    );
  if (state.grants.some((grant) => grant.effectiveOn === effectiveOn && grant.minutesPerWeek === minutesPerWeek))
    return [];
  return withShortfalls(
    state,
    { type: 'TimeGranted', data: { personId: about.personId, minutesPerWeek, effectiveOn } },
    about,
  );
};

/** The minutes of a goal are fixed once, when it is agreed (rule T12). */
export const planTime = (
  state: Allowance,
  goal: Readonly<{ goalId: string; dueOn: string }>,
  neededMinutes: number,
  about: Circumstances,
): AllowanceEvent[] => {
  const { goalId, dueOn } = goal;
  const { personId, today: plannedOn } = about;
  if (state.plans.some((plan) => plan.goalId === goalId))
    throw new DomainError('conflict', 'time-already-planned', 'The minutes of this goal are fixed.');
  if (dueOn < plannedOn) throw new DomainError('refused', 'goal-already-due', 'The goal was due before that day.');
  return withShortfalls(
    state,
    { type: 'TimePlanned', data: { personId, goalId, neededMinutes, plannedOn, dueOn } },
    about,
  );
};

/**
 * The same for a goal that goal tells was agreed. Nobody is there to hear a refusal, so a goal whose minutes are fixed already
 * stays as it is, and one that was due before it was agreed gets none.
 */
export const planAgreedGoal = (
  state: Allowance,
  goal: Readonly<{ goalId: string; dueOn: string }>,
  neededMinutes: number,
  about: Circumstances,
): AllowanceEvent[] => {
  const isFixed = state.plans.some((plan) => plan.goalId === goal.goalId);
  return isFixed || goal.dueOn < about.today ? [] : planTime(state, goal, neededMinutes, about);
};

/** For minutes that were entered wrongly; nothing else changes a plan (rule T12). */
export const correctTimePlan = (
  state: Allowance,
  goalId: string,
  neededMinutes: number,
  about: Circumstances,
): AllowanceEvent[] => {
  const plan = state.plans.find((each) => each.goalId === goalId);
  if (!plan) throw new DomainError('not-found', 'time-plan-not-found', 'No minutes were planned for this goal.');
  if (plan.neededMinutes === neededMinutes) return [];
  const { personId } = about;
  return withShortfalls(state, { type: 'TimePlanCorrected', data: { personId, goalId, neededMinutes } }, about);
};

/** Whether a goal fits in what is given and not promised to goals planned before it. Its own plan does not stand in its way. */
export const askFeasibility = (
  { grants, plans }: Allowance,
  asked: Readonly<{ goalId?: string | undefined; neededMinutes: number; dueOn: string }>,
  { today, endedGoals }: Pick<Circumstances, 'today' | 'endedGoals'>,
): Feasibility => {
  const own = plans.findIndex((plan) => plan.goalId === asked.goalId);
  const earlier = plans.slice(0, own < 0 ? plans.length : own).filter((plan) => !endedGoals.has(plan.goalId));
  return feasibility(grants, earlier, { neededMinutes: asked.neededMinutes, fromOn: today, dueOn: asked.dueOn });
};

/** What was decided, and which goals it makes short of time or no longer so. Goals that ended or are due need nothing. */
const withShortfalls = (state: Allowance, event: AllowanceEvent, about: Circumstances): AllowanceEvent[] => {
  const after = allowance.evolve(state, event);
  const { personId, today: on, endedGoals } = about;
  const open = after.plans.filter((plan) => plan.dueOn >= on && !endedGoals.has(plan.goalId));
  const changes = open.flatMap((plan): AllowanceEvent[] => {
    const { goalId, dueOn } = plan;
    const left = minutesNeeded(plan, { fromOn: on, untilOn: NEVER });
    const { status, ...minutes } = askFeasibility(after, { goalId, neededMinutes: left, dueOn }, about);
    const short = status !== 'feasible';
    if (short === plan.short) return [];
    return short
      ? [{ type: 'TimeShortfallFound', data: { personId, goalId, ...minutes, dueOn, on } }]
      : [{ type: 'TimeShortfallEnded', data: { personId, goalId, on } }];
  });
  return [event, ...changes];
};
