import { randomUUID } from 'node:crypto';
import { TimeShortfallFound } from '@oppi/contracts/time_allocation/v1/time_allocation_events';
import { contractProblems, type Wire } from '@oppi/service/testing';
import { CorrectTimePlan } from './features/plan-time/correct-time-plan.command';
import { GetAllowance } from './features/allowance/get-allowance.query';
import { GetFeasibility } from './features/feasibility/get-feasibility.query';
import { GrantTime } from './features/allowance/grant-time.command';
import { ListTimeShortfalls } from './features/time-shortfalls/list-time-shortfalls.query';
import { PlanTime } from './features/plan-time/plan-time.command';
import { timeAllocationOperations } from './time-allocation.operations';
import {
  eventually,
  inDays,
  refusal,
  type TimeAllocationStage,
  timeAllocationOnStage,
} from './time-allocation-stage.fixtures';

let stage: TimeAllocationStage;
beforeAll(async () => {
  stage = await timeAllocationOnStage();
});
afterAll(() => stage.leave());

it('binds every rpc of the contract, with the same fields', () => {
  const contract = {
    service: 'time_allocation.v1.TimeAllocationService',
    protos: ['time_allocation/v1/time_allocation_service.proto'],
    boundElsewhere: ['Import'],
  };
  expect(contractProblems(timeAllocationOperations, contract)).toEqual([]);
});

const today = () => inDays(0);

describe.each(['http', 'grpc'] as const)('time-allocation over %s', (name) => {
  let wire: Wire;
  let tokens: Awaited<ReturnType<TimeAllocationStage['roles']>>;
  const organisationId = randomUUID();

  beforeAll(async () => {
    wire = stage.wires[name];
    tokens = await stage.roles(organisationId);
    await stage.goal.publish(stage.goal.organisation(organisationId));
  });

  const learnerWith = (goals?: { goalId: string; dueOn?: string }[]) => stage.learnerWith(organisationId, goals);
  const grant = (personId: string, minutesPerWeek: number, effectiveOn = today()) =>
    wire.call(GrantTime, { organisationId, personId, minutesPerWeek, effectiveOn }, { token: tokens.manager });
  const heard = <T extends object>(type: string, decode: (value: Uint8Array) => T): T[] =>
    stage.heard.filter((each) => each.key === organisationId && each.type === type).map(({ value }) => decode(value));

  it('answers whether a goal is feasible, minutes needed against minutes given', async () => {
    const personId = await learnerWith();
    const ask = (neededMinutes: number) =>
      wire.call(
        GetFeasibility,
        { organisationId, personId, neededMinutes, dueOn: inDays(27) },
        { token: tokens.sponsor },
      );
    expect(await ask(1)).toMatchObject({ status: 'no-policy', givenMinutes: 0 });
    await grant(personId, 100);
    expect(await ask(400)).toEqual({
      status: 'feasible',
      neededMinutes: 400,
      givenMinutes: 400,
      promisedMinutes: 0,
      fromOn: today(),
      dueOn: inDays(27),
      rule: 'sevenths-down-plans-even-up-1',
    });
    expect(await ask(401)).toMatchObject({ status: 'short', neededMinutes: 401, givenMinutes: 400 });
  });

  it('T12: fixes the minutes of a goal, publishes and lists a shortfall until it ends', async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    const personId = await learnerWith([{ goalId: first }, { goalId: second }]);
    await grant(personId, 100);
    const plan = (goalId: string, neededMinutes: number) =>
      wire.call(PlanTime, { organisationId, goalId, neededMinutes }, { token: tokens.operations });
    await plan(first, 300);
    await plan(second, 101);
    const found = {
      personId,
      goalId: second,
      neededMinutes: 101,
      givenMinutes: 400,
      promisedMinutes: 300,
      dueOn: inDays(27),
      on: today(),
    };
    const listed = async () =>
      (await wire.call(ListTimeShortfalls, { organisationId }, { token: tokens.operations })).shortfalls.filter(
        (each) => each.personId === personId,
      );
    await eventually(async () => expect(await listed()).toEqual([found]));
    await eventually(() =>
      expect(
        heard('time_allocation.v1.TimeShortfallFound', (value) => TimeShortfallFound.decode(value)),
      ).toContainEqual(found),
    );
    expect(await refusal(plan(second, 100))).toBe('time-already-planned');
    await stage.assignCoach(organisationId, personId, tokens.coachId);
    const { plans, version } = await wire.call(GetAllowance, { organisationId, personId }, { token: tokens.coach });
    expect(plans).toMatchObject([
      { goalId: first, neededMinutes: 300, short: false },
      { goalId: second, neededMinutes: 101, short: true },
    ]);
    const correct = { organisationId, goalId: second, neededMinutes: 100 };
    expect(await refusal(wire.call(CorrectTimePlan, correct, { token: tokens.operations }))).toBe(
      'expected-version-required',
    );
    await wire.call(CorrectTimePlan, correct, { token: tokens.operations, expectedVersion: version });
    await eventually(async () => expect(await listed()).toEqual([]));
  });

  it('lists no shortfall of a goal that ended, and gives its time to others', async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    const personId = await learnerWith([{ goalId: first }, { goalId: second }]);
    await wire.call(PlanTime, { organisationId, goalId: first, neededMinutes: 10 }, { token: tokens.operations });
    const listed = async () =>
      (
        await wire.call(ListTimeShortfalls, { organisationId, limit: 200 }, { token: tokens.operations })
      ).shortfalls.filter((each) => each.personId === personId);
    await eventually(async () => expect(await listed()).toHaveLength(1));
    await stage.goal.publish(stage.goal.goalWithdrawn(organisationId, first));
    await eventually(async () => expect(await listed()).toEqual([]));
    await stage.assignCoach(organisationId, personId, tokens.coachId);
    const asked = { organisationId, personId, neededMinutes: 10, dueOn: inDays(27), goalId: second };
    expect(await wire.call(GetFeasibility, asked, { token: tokens.coach })).toMatchObject({ promisedMinutes: 0 });
  });

  it('lists shortfalls a page at a time, the earliest due first', async () => {
    const organisation = randomUUID();
    const theirs = await stage.roles(organisation);
    const goals = [30, 10, 20, 10].map((days) => ({ goalId: randomUUID(), dueOn: inDays(days) }));
    const personId = randomUUID();
    await stage.goal.publish(
      stage.goal.organisation(organisation),
      stage.goal.person(organisation, personId),
      ...goals.map(({ goalId, dueOn }) => stage.goal.goal(organisation, goalId, personId, dueOn)),
    );
    for (const { goalId } of goals)
      await eventually(async () => {
        await wire.call(
          PlanTime,
          { organisationId: organisation, goalId, neededMinutes: 5 },
          { token: theirs.operations, requestId: `plan-${goalId}` },
        );
      });
    const token = theirs.operations;
    const list = (more: object) => wire.call(ListTimeShortfalls, { organisationId: organisation, ...more }, { token });
    await eventually(async () => expect((await list({})).shortfalls).toHaveLength(4));
    const first = await list({ limit: 3 });
    const rest = await list({ limit: 3, cursor: first.nextCursor });
    const due = [...first.shortfalls, ...rest.shortfalls].map((each) => each.dueOn);
    expect(due).toEqual([inDays(10), inDays(10), inDays(20), inDays(30)]);
    expect(rest.nextCursor).toBeUndefined();
    const elsewhere = wire.call(
      ListTimeShortfalls,
      { organisationId, cursor: first.nextCursor },
      { token: tokens.operations },
    );
    expect(await refusal(elsewhere)).toBe('cursor-invalid');
  });
});
