import { randomUUID } from 'node:crypto';
import { Client as Postgres } from 'pg';
import type { Stack } from '../local/stack';
import { Client } from './client';
import { daysAgo, eventually, inDays, startProduct, today } from './scene.fixtures';

type Concern = { concernId: string; kind: string; goalId?: string; ownerId?: string; dueAt: string; outcome?: string };
type Learner = { openConcerns: Concern[] };
type Shortfalls = { shortfalls: { goalId: string; givenMinutes: number }[]; total: number; parkedMessages: number };

let stack: Stack;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ stack, stop } = await startProduct());
}, 90_000);
afterAll(() => stop(), 60_000);

/** Sends until the service has heard from goal what the call names. */
const onceHeard = (send: () => Promise<unknown>): Promise<unknown> =>
  eventually(
    async () => (await send(), true),
    () => true,
  );

/** A learner with a coach, in an organisation of their own. */
const coached = async () => {
  const client = new Client(stack.endpoints, randomUUID());
  const [teamId, personId, coachId] = [randomUUID(), randomUUID(), randomUUID()];
  await client.put('', { timeZone: 'Europe/Helsinki', currency: 'EUR' });
  await client.put(`/teams/${teamId}`, { name: 'Claims' });
  await client.put(`/persons/${personId}`, {});
  await client.post('goal', `/persons/${personId}/join-team`, { teamId, occurredAt: daysAgo(9) });
  await onceHeard(() => client.put(`/learners/${personId}/coach`, { coachId }, { service: 'coaching' }));
  const concernPath = (concernId: string) => `/learners/${personId}/concerns/${concernId}`;
  return {
    client,
    personId,
    coachId,
    /** Its one activity needs so many minutes. */
    agreedGoal: async (estimatedMinutes: number): Promise<string> => {
      const goalId = randomUUID();
      const activities = [{ activityId: 'course', kind: 'course', estimatedMinutes }];
      const terms = { personId, teamId, statement: 'Leads a team alone', dueOn: inDays(40).slice(0, 10) };
      await client.put(`/goals/${goalId}`, { ...terms, activities, criteria: [{ criterionId: 'pass' }] });
      await client.post('goal', `/goals/${goalId}/agree`, {});
      await client.post('goal', `/goals/${goalId}/agree`, {}, { role: 'sponsor' });
      return goalId;
    },
    give: (minutesPerWeek: number) =>
      client.post('time-allocation', `/persons/${personId}/grants`, { minutesPerWeek, effectiveOn: today() }),
    says: (dials: object) =>
      client.put(`/learners/${personId}/check-ins/${randomUUID()}`, dials, {
        service: 'coaching',
        role: 'learner',
        sub: personId,
      }),
    open: async () => (await client.get<Learner>('coaching', `/learners/${personId}`)).openConcerns,
    /** How often coaching found what it had found already. */
    timesSeenAgain: async (): Promise<number> => {
      const database = new Postgres(stack.databases.coaching);
      await database.connect();
      try {
        const { rowCount } = await database.query(
          `select from events where type = 'ConcernSeenAgain' and stream_id = $1`,
          [`concerns-${personId}`],
        );
        return rowCount ?? 0;
      } finally {
        await database.end();
      }
    },
    feasibility: async (goalId: string) =>
      (await client.get<{ feasibility?: { status: string } }>('goal', `/goals/${goalId}`)).feasibility,
    concern: async (concernId: string) =>
      (await client.get<{ concern: Concern }>('coaching', concernPath(concernId))).concern,
    close: (concernId: string, outcome: string) =>
      client.post('coaching', `${concernPath(concernId)}/close`, { outcome }, { role: 'coach', sub: coachId }),
    shortOfTime: () => client.get<Shortfalls>('time-allocation', '/worklist'),
  };
};

describe('a learner who is in trouble', () => {
  it('C10 T12: too little time for an agreed goal is one concern with the coach, until it is closed', async () => {
    const { coachId, agreedGoal, feasibility, give, open, timesSeenAgain, concern, close, shortOfTime } =
      await coached();
    await onceHeard(() => give(10));
    const first = await agreedGoal(6_000);
    expect(await feasibility(first)).toMatchObject({ status: 'short' }); // goal asked, and both parties agreed nevertheless
    const [raised] = await eventually(open, (concerns) => concerns.length > 0);
    expect(raised).toMatchObject({ kind: 'time-shortfall', goalId: first, ownerId: coachId });
    expect(Date.parse(raised?.dueAt ?? '')).toBeGreaterThan(Date.now());

    await agreedGoal(6_000);
    expect(await eventually(timesSeenAgain, (times) => times === 1)).toBe(1);
    expect(await open()).toMatchObject([{ concernId: raised?.concernId }]);
    expect(await shortOfTime()).toMatchObject({ total: 2, parkedMessages: 0 });

    const concernId = raised?.concernId ?? '';
    await close(concernId, 'time-given');
    expect(await open()).toEqual([]);
    expect(await concern(concernId)).toMatchObject({ status: 'closed', outcome: 'time-given' });
    await give(5_000);
    await eventually(shortOfTime, ({ total }) => total === 0);
    expect(await shortOfTime()).toEqual({ shortfalls: [], total: 0, parkedMessages: 0 });
  });

  it('C10: a low dial is one concern with the coach, however often it is said, until it is closed', async () => {
    const { coachId, says, open, close } = await coached();
    await says({ motivation: 1, direction: 5 });
    await says({ motivation: 2 });
    const [raised, ...more] = await open();
    expect(raised).toMatchObject({ kind: 'motivation', ownerId: coachId });
    expect(Date.parse(raised?.dueAt ?? '')).toBeGreaterThan(Date.now());
    expect(more).toEqual([]);
    await close(raised?.concernId ?? '', 'helped');
    expect(await open()).toEqual([]);
    await says({ motivation: 1 });
    expect(await open()).toMatchObject([{ kind: 'motivation' }]);
  });
});
