import { DateTime } from 'luxon';
import { fixedUuid } from '../../local/roles';
import { criterion, dateOf, id, PEOPLE, type Team, ZONE } from './cast';
import type { Product } from './product';

/** A goal of today, through plain calls. */
type Live = Readonly<{
  key: string;
  person: number;
  team: Team;
  statement: string;
  /** Days from today. */
  due: number;
  /** Minutes by kind of activity. */
  activities: Readonly<Record<string, number>>;
}>;

/** Its due date passes before our eyes. */
export const OVERDUE: Live = {
  key: 'first call',
  person: 1,
  team: 'Claims',
  statement: 'Solves nine of ten questions in the first call',
  due: 0,
  activities: {},
};

/** Both need more minutes than their learners are given; the first is given them when the coach steps in. */
const CHAT: Live = {
  key: 'chat',
  person: 2,
  team: 'Claims',
  statement: 'Settles small claims in the chat',
  due: 70,
  activities: { course: 300, practice: 420, coaching: 120 },
};
const OWED: Live = {
  key: 'quality',
  person: 6,
  team: 'Onboarding',
  statement: 'Checks the work of newcomers',
  due: 56,
  activities: { reading: 180, practice: 720 },
};

const WEEKLY_MINUTES = 60;
/** The person behind the coach's token of a local run. */
const COACH = fixedUuid('actor coach');

const startOfToday = (): DateTime => DateTime.now().setZone(ZONE).startOf('day');

/** Coaches for everybody, minutes a week since the beginning, and some of them used. `day` is the day of the loading. */
export const coachesAndTime = async (product: Product, day: DateTime): Promise<void> => {
  const { organisationId, coaching, time } = product;
  for (const person of PEOPLE.keys()) {
    const personId = id('person', person);
    const request = (what: string) => ({ requestId: `first-client-${what}-${person}`, organisationId, personId });
    await product.call(coaching.assignCoach.bind(coaching), { ...request('coach'), coachId: COACH });
    const grant = { minutesPerWeek: WEEKLY_MINUTES, effectiveOn: dateOf(day, -90) };
    await product.call(time.grantTime.bind(time), { ...request('grant'), ...grant });
  }
  for (const [key, person] of LOGGED)
    for (const week of [1, 2, 3, 4, 5]) {
      const entryId = id('entry', key, week);
      const entry = {
        personId: id('person', person),
        on: dateOf(day, -7 * week),
        entryId,
        goalId: id('goal', key),
        minutes: 45,
      };
      await product.call(time.logTime.bind(time), { requestId: `first-client-${entryId}`, organisationId, ...entry });
    }
};

/** Whose time was logged on which goal. */
const LOGGED = [
  ['letters', 3],
  ['welcome', 4],
  ['coaching', 6],
  ['records', 7],
] as const;

/** Proposed by operations, agreed by both sides; time-allocation is asked whether it fits. */
const agree = async (product: Product, live: Live): Promise<void> => {
  const { organisationId, goal } = product;
  const goalId = id('goal', live.key);
  const known = await product.find(goal.getGoal.bind(goal), { organisationId, goalId });
  const proposal = {
    organisationId,
    goalId,
    personId: id('person', live.person),
    teamId: id('team', live.team),
    statement: live.statement,
    // A loading that was interrupted before midnight goes on with the date it began with.
    dueOn: known?.dueOn ?? dateOf(startOfToday(), live.due),
    criteria: [criterion],
    milestones: [],
    dateUnknown: false,
    activities: Object.entries(live.activities).map(([kind, estimatedMinutes]) => ({
      activityId: kind,
      kind,
      estimatedMinutes,
    })),
  };
  await product.call(goal.proposeGoal.bind(goal), {
    requestId: `first-client-${live.key}-proposal`.replace(' ', '-'),
    ...proposal,
  });
  for (const role of ['operations', 'sponsor'] as const) {
    const requestId = `first-client-${live.key}-${role}`.replace(' ', '-');
    await product.call(goal.agreeGoal.bind(goal), { requestId, organisationId, goalId, dateUnknown: false }, role);
  }
};

/** Two goals for which too little time is given: concerns of the coach. One is helped: its learner gets more time. */
export const shortOfTime = async (product: Product): Promise<void> => {
  const { organisationId, coaching, time, goal } = product;
  for (const live of [CHAT, OWED]) await agree(product, live);
  const done = { organisationId, goalId: id('goal', CHAT.key), activityId: 'course' };
  await product.call(goal.completeActivity.bind(goal), { requestId: 'first-client-chat-course', ...done });
  const concernOf = async ({ person }: Live) => {
    const request = { organisationId, personId: id('person', person) };
    const { concerns } = await product.call(coaching.listConcerns.bind(coaching), request);
    return concerns.find(({ kind }) => kind === 'time-shortfall');
  };
  for (const live of [CHAT, OWED])
    await product.until('the concern about time', async () => (await concernOf(live)) !== undefined);
  const personId = id('person', CHAT.person);
  const more = { personId, minutesPerWeek: 2 * WEEKLY_MINUTES, effectiveOn: dateOf(startOfToday(), 0) };
  const concern = await concernOf(CHAT);
  if (concern?.status !== 'open') return;
  await product.call(
    time.grantTime.bind(time),
    { requestId: 'first-client-more-time', organisationId, ...more },
    'manager',
  );
  const closing = { personId, concernId: concern.concernId, outcome: 'time-given' };
  await product.call(
    coaching.closeConcern.bind(coaching),
    { requestId: 'first-client-helped', organisationId, ...closing },
    'coach',
  );
};

/** Due today, agreed by both sides, and then midnight comes: the settable clock of local runs makes it so. */
export const midnightComes = async (product: Product): Promise<void> => {
  const { organisationId, goal } = product;
  await agree(product, OVERDUE);
  const read = () => product.find(goal.getGoal.bind(goal), { organisationId, goalId: id('goal', OVERDUE.key) });
  const dueOn = (await read())?.dueOn ?? dateOf(startOfToday(), 0);
  const after = DateTime.fromISO(dueOn, { zone: ZONE }).plus({ days: 1, minutes: 1 });
  if (after.toMillis() > Date.now()) await product.setClocks(after.toJSDate()); // else midnight came by itself
  await product.until('the clock', async () => (await read())?.status !== 'agreed');
};
