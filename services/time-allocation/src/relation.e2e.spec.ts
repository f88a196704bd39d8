import { randomUUID } from 'node:crypto';
import type { Wire } from '@oppi/service/testing';
import { GetAllowance } from './features/allowance/get-allowance.query';
import { GetFeasibility } from './features/feasibility/get-feasibility.query';
import { LogTime } from './features/log-time/log-time.command';
import { PlanTime } from './features/plan-time/plan-time.command';
import { ConfirmTime } from './features/review-time/confirm-time.command';
import { RejectTime } from './features/review-time/reject-time.command';
import { ListTimeShortfalls, ListTimeShortfallsHandler } from './features/time-shortfalls/list-time-shortfalls.query';
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

/** A learner with time logged on a goal that is short of minutes. */
const aLearner = async (wire: Wire, organisationId: string, token: string) => {
  const [goalId, entryId] = [randomUUID(), randomUUID()];
  const personId = await stage.learnerWith(organisationId, [{ goalId }]);
  const entry = { organisationId, personId, on: inDays(0), entryId };
  await wire.call(LogTime, { ...entry, goalId, minutes: 5 }, { token });
  await wire.call(PlanTime, { organisationId, goalId, neededMinutes: 60 }, { token });
  return { personId, goalId, entry };
};

describe.each(['http', 'grpc'] as const)('a coach, over %s', (name) => {
  it('PERM-01, PERM-06: knows and reviews the time of learners in the own care, while they are', async () => {
    const wire = stage.wires[name];
    const organisationId = randomUUID();
    const { operations, coach: token, coachId } = await stage.roles(organisationId);
    await stage.goal.publish(stage.goal.organisation(organisationId));
    const theirs = await aLearner(wire, organisationId, operations);
    const others = await aLearner(wire, organisationId, operations);
    const about = ({ personId, goalId, entry }: typeof theirs, at = organisationId) => [
      refusal(wire.call(GetAllowance, { organisationId: at, personId }, { token })),
      refusal(
        wire.call(GetFeasibility, { organisationId: at, personId, neededMinutes: 5, dueOn: inDays(9) }, { token }),
      ),
      refusal(wire.call(LogTime, { ...entry, entryId: randomUUID(), goalId, minutes: 5 }, { token })),
      // Neither does a version that nobody saw tell whether there is anything.
      refusal(wire.call(RejectTime, { ...entry, reasonCode: 'twice' }, { token, expectedVersion: 99 })),
      refusal(wire.call(ConfirmTime, entry, { token })),
    ];
    const notThere = Array.from({ length: 5 }, () => 'person-not-found');
    const listed = async () =>
      (await wire.call(ListTimeShortfalls, { organisationId }, { token })).shortfalls.map(({ goalId }) => goalId);
    expect(await Promise.all(about(theirs))).toEqual(notThere);
    expect(await listed()).toEqual([]);

    await stage.assignCoach(organisationId, theirs.personId, coachId);
    expect(await Promise.all(about(theirs))).toEqual(['nothing', 'nothing', 'nothing', 'version-stale', 'nothing']);
    expect(await Promise.all(about(others))).toEqual(notThere);
    await eventually(async () => expect(await listed()).toEqual([theirs.goalId]));

    await stage.coaching.unassigned(organisationId, theirs.personId, coachId);
    await eventually(async () => expect(await Promise.all(about(theirs))).toEqual(notThere));
    expect(await listed()).toEqual([]);
  });
});

it('PERM-02: of the shortfalls of 500 learners the database hands over the two that are coached, and no more', async () => {
  const [organisationId, coachId] = [randomUUID(), randomUUID()];
  const persons = Array.from({ length: 500 }, () => randomUUID());
  const { pool } = stage.database;
  await pool.query(
    `insert into time_shortfalls (organisation_id, goal_id, person_id, needed_minutes, given_minutes, promised_minutes,
                                  due_on, found_on, open)
     select $1, gen_random_uuid(), person, 60, 0, 0, '2099-01-01', '2026-01-01', true from unnest($2::uuid[]) person`,
    [organisationId, persons],
  );
  await pool.query(
    `insert into coach_assignments (organisation_id, person_id, assignment_no, coach_id, from_on)
     select $1, person, 1, $2, '2026-01-01' from unnest($3::uuid[]) person`,
    [organisationId, coachId, persons.slice(0, 2)],
  );
  let handedOver = 0;
  const counting = {
    query: async (text: string, values: unknown[]) => {
      const result = await pool.query(text, values);
      handedOver += result.rows.length;
      return result;
    },
  };
  const about = { organisationId: randomUUID(), clients: '*', clientId: 't' } as const;
  const caller = { ...about, actorId: coachId, role: 'coach' } as const;
  const handler = new ListTimeShortfallsHandler(counting as never);
  const { shortfalls } = await handler.execute(new ListTimeShortfalls({ organisationId, limit: 100 }, caller));
  expect([shortfalls.length, handedOver]).toEqual([2, 2]);
  expect(new Set(shortfalls.map(({ personId }) => personId))).toEqual(new Set(persons.slice(0, 2)));
  // Nor does a cursor of somebody who sees all lead a coach through the list.
  const operations = { ...about, actorId: randomUUID(), role: 'operations' } as const;
  const first = await handler.execute(new ListTimeShortfalls({ organisationId, limit: 1 }, operations));
  const { nextCursor: cursor } = first;
  const walked = handler.execute(new ListTimeShortfalls({ organisationId, limit: 100, cursor }, caller));
  await expect(walked).rejects.toMatchObject({ code: 'cursor-invalid' });
});
