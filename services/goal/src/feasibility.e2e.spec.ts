import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import {
  type GetFeasibilityRequest,
  GetFeasibilityResponse,
  TimeAllocationServiceService,
} from '@oppi/contracts/time_allocation/v1/time_allocation_service';
import { aClient, inDays } from './client.fixtures';
import { AgreeGoal } from './features/agree-goal/agree-goal.command';
import { type GoalStage, goalOnStage } from './goal-stage.fixtures';

type Heard = { request: GetFeasibilityRequest; authorization: unknown; traceparent: unknown };

/** A time-allocation that answers, refuses or stays silent, as it is told to, and keeps what it heard. */
const timeAllocation = async () => {
  const heard: Heard[] = [];
  const next: { answer: Partial<GetFeasibilityResponse> | 'refuse' | 'silent' } = { answer: 'silent' };
  const server = new Server();
  const { getFeasibility } = TimeAllocationServiceService;
  server.addService(
    { getFeasibility },
    {
      getFeasibility: (
        call: { request: GetFeasibilityRequest; metadata: { get(name: string): unknown[] } },
        done: (error: object | null, answer?: GetFeasibilityResponse) => void,
      ) => {
        const [authorization, traceparent] = ['authorization', 'traceparent'].map((name) => call.metadata.get(name)[0]);
        heard.push({ request: call.request, authorization, traceparent });
        if (next.answer === 'silent') return;
        if (next.answer === 'refuse') done({ code: status.ABORTED, details: 'person-unknown-yet: Try again.' });
        else done(null, GetFeasibilityResponse.fromPartial(next.answer));
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  return {
    port,
    heard,
    says: (answer: typeof next.answer): void => {
      next.answer = answer;
      heard.length = 0;
    },
    stop: (): void => {
      server.forceShutdown();
    },
  };
};

let time: Awaited<ReturnType<typeof timeAllocation>>;
let stage: GoalStage;
beforeAll(async () => {
  time = await timeAllocation();
  // Long enough for a slow machine to answer in; the silence below is waited for once.
  stage = await goalOnStage({ TIME_ALLOCATION_GRPC: `127.0.0.1:${time.port}`, FEASIBILITY_DEADLINE_MS: 2_000 });
});
afterAll(async () => {
  await stage.leave();
  time.stop();
});

const activities = [
  { activityId: 'read', kind: 'reading', estimatedMinutes: 90 },
  { activityId: 'try', kind: 'practice', estimatedMinutes: 240 },
];
const short = { status: 'short', givenMinutes: 257, promisedMinutes: 60, rule: 'sevenths' } as const;
const answer = { ...short, neededMinutes: 330, fromOn: inDays(0), dueOn: inDays(30) };

describe.each(['http', 'grpc'] as const)('the feasibility of a goal over %s', (name) => {
  it('is asked by the agreement that completes, as its caller and in its trace, and kept as a fact', async () => {
    const client = await aClient(stage, stage.wires[name]);
    const { organisationId, personId, tokens } = client;
    const goalId = await client.proposed({ activities });
    time.says(answer);
    const at = { organisationId, goalId };
    await stage.wires[name].call(AgreeGoal, at, { token: tokens.operations });
    expect(time.heard).toEqual([]);
    expect((await client.goal(goalId)).feasibility).toBeUndefined();
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const requestId = `agree-${goalId}`;
    const agreed = await stage.wires[name].call(AgreeGoal, at, { token: tokens.sponsor, traceparent, requestId });
    expect(time.heard).toEqual([
      {
        request: { organisationId, personId, goalId, neededMinutes: 330, dueOn: inDays(30) },
        authorization: `Bearer ${tokens.sponsor}`,
        traceparent: expect.stringMatching(/^00-4bf92f3577b34da6a3ce929d0e0e4736-/) as string,
      },
    ]);
    expect((await client.goal(goalId)).feasibility).toEqual({ ...short, neededMinutes: 330 });

    // Sent again it is answered from what is stored, whatever time-allocation would say now.
    time.says({ ...answer, status: 'feasible' });
    const again = await stage.wires[name].call(AgreeGoal, at, { token: tokens.sponsor, requestId });
    expect([again, time.heard]).toEqual([{ ...agreed, replayed: true }, []]);
    expect((await client.goal(goalId)).feasibility).toMatchObject({ status: 'short' });
  });

  it('is unknown when it is refused, and the goal is agreed all the same', async () => {
    const client = await aClient(stage, stage.wires[name]);
    time.says('refuse');
    const goalId = await client.agreed({ activities });
    expect(await client.goal(goalId)).toMatchObject({
      status: 'agreed',
      feasibility: { status: 'unknown', neededMinutes: 330 },
    });
  });

  it('is not asked without a learner or without estimates', async () => {
    const client = await aClient(stage, stage.wires[name]);
    time.says(answer);
    const ofTeam = await client.agreed({ activities, personId: undefined });
    const plain = await client.agreed();
    expect((await client.goal(ofTeam)).feasibility).toEqual({ status: 'not-asked', neededMinutes: 330 });
    expect((await client.goal(plain)).feasibility).toEqual({ status: 'not-asked', neededMinutes: 0 });
    expect(time.heard).toEqual([]);
  });
});

it('is unknown when nobody answers in time, or nobody is known who could', async () => {
  const client = await aClient(stage, stage.wires.http);
  time.says('silent');
  const goalId = await client.agreed({ activities });
  expect((await client.goal(goalId)).feasibility).toEqual({ status: 'unknown', neededMinutes: 330 });
  const alone = await goalOnStage();
  try {
    const other = await aClient(alone, alone.wires.grpc);
    const unasked = await other.agreed({ activities });
    expect((await other.goal(unasked)).feasibility).toEqual({ status: 'unknown', neededMinutes: 330 });
  } finally {
    await alone.leave();
  }
});

it('keeps tokens out of everything that is stored', async () => {
  const { rows } = await stage.database.pool.query(
    `select 1 from events where data::text ~ 'Bearer|eyJ' or meta::text ~ 'Bearer|eyJ'`,
  );
  expect(rows).toEqual([]);
});
