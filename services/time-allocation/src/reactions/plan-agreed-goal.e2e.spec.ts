import { randomUUID } from 'node:crypto';
import { GetAllowance } from '../features/allowance/get-allowance.query';
import { PlanTime } from '../features/plan-time/plan-time.command';
import { GetWorklist } from '../features/time-shortfalls/get-worklist.query';
import { eventually, inDays, type TimeAllocationStage, timeAllocationOnStage } from '../time-allocation-stage.fixtures';

let stage: TimeAllocationStage;
beforeAll(async () => {
  stage = await timeAllocationOnStage();
});
afterAll(() => stage.leave());

/** Waits until reactions have passed everything in the inbox, after as many facts were told as this. */
const reacted = (facts: number): Promise<void> =>
  eventually(async () => {
    const { rows } = await stage.database.pool.query(
      `select (select count(*) from inbox)::integer as heard,
              (select max(position) from inbox) = (select position from reaction_checkpoints) as done`,
    );
    expect(rows).toEqual([{ heard: facts, done: true }]);
  });

const events = async (personId: string) => {
  const { rows } = await stage.database.pool.query<{ type: string; role: string; goal: string }>(
    `select type, meta -> 'actor' ->> 'role' as role, data ->> 'goalId' as goal from events
     where stream_id = $1 order by version`,
    [`allowance-${personId}`],
  );
  return rows;
};

it('T12: a goal that was agreed has its minutes planned once, and the shortfall stands on the worklist', async () => {
  const organisationId = randomUUID();
  const { goal } = stage;
  const { operations: token } = await stage.roles(organisationId);
  const [personId, erased] = [randomUUID(), randomUUID()];
  const [short, planned, imported, unestimated, ofTeam, lost] = [
    randomUUID(),
    randomUUID(),
    randomUUID(),
    randomUUID(),
    randomUUID(),
    randomUUID(),
  ];
  const setUp = [
    goal.organisation(organisationId),
    goal.person(organisationId, personId),
    goal.person(organisationId, erased),
    ...[short, planned, unestimated].map((goalId) => goal.goal(organisationId, goalId, personId, inDays(27))),
    goal.importedGoal(organisationId, imported, personId, inDays(27)),
    goal.goal(organisationId, ofTeam, undefined, inDays(27)),
    goal.goal(organisationId, lost, erased, inDays(27)),
    goal.personErased(organisationId, erased),
  ];
  await goal.publish(...setUp);
  const byHand = { organisationId, goalId: planned, neededMinutes: 7 };
  await eventually(async () => {
    await stage.wires.grpc.call(PlanTime, byHand, { token, requestId: 'planned-by-hand' });
  });
  const agreed = [short, planned, imported, ofTeam, lost].map((goalId) => goal.goalAgreed(organisationId, goalId, 90));
  await goal.publish(...agreed, goal.goalAgreed(organisationId, unestimated));
  await goal.publish(...agreed); // the bus may tell it twice
  await reacted(setUp.length + 6);
  const decided = [
    { type: 'TimePlanned', role: 'operations', goal: planned },
    { type: 'TimeShortfallFound', role: 'operations', goal: planned },
    { type: 'TimePlanned', role: 'reaction', goal: short },
    { type: 'TimeShortfallFound', role: 'reaction', goal: short },
  ];
  expect(await events(personId)).toEqual(decided);
  expect(await events(erased)).toEqual([]);

  // As after a crash before the checkpoint moved: everything is reacted to again.
  await stage.database.pool.query('update reaction_checkpoints set position = 0');
  await reacted(setUp.length + 6);
  expect(await events(personId)).toEqual(decided);

  const { plans } = await stage.wires.http.call(GetAllowance, { organisationId, personId }, { token });
  expect(plans).toEqual([
    { goalId: planned, neededMinutes: 7, plannedOn: inDays(0), dueOn: inDays(27), short: true },
    { goalId: short, neededMinutes: 90, plannedOn: inDays(0), dueOn: inDays(27), short: true },
  ]);
});

describe.each(['http', 'grpc'] as const)('the worklist over %s', (name) => {
  it('shows goals that are short of time, the earliest due first, and counts what could not be read', async () => {
    const organisationId = randomUUID();
    const { goal } = stage;
    const { operations: token } = await stage.roles(organisationId);
    const goals = [20, 10].map((days) => ({ goalId: randomUUID(), dueOn: inDays(days) }));
    await goal.publish(goal.organisation(organisationId));
    const personId = await stage.learnerWith(organisationId, goals);
    const unreadable = { ...goal.person(organisationId, randomUUID()), value: new Uint8Array([255]) };
    await goal.publish(unreadable, ...goals.map(({ goalId }) => goal.goalAgreed(organisationId, goalId, 90)));
    const worklist = () => stage.wires[name].call(GetWorklist, { organisationId }, { token });
    await eventually(async () =>
      expect(await worklist()).toMatchObject({
        shortfalls: [
          { personId, ...goals[1], neededMinutes: 90, givenMinutes: 0, on: inDays(0) },
          { personId, ...goals[0], neededMinutes: 90, givenMinutes: 0 },
        ],
        total: 2,
        parkedMessages: 1,
      }),
    );
  });
});
