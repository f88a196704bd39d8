import { randomUUID } from 'node:crypto';
import { cursorOf } from '@oppi/service';
import { aClient, inDays } from './client.fixtures';
import { AddPerson } from './features/add-person/add-person.command';
import { ErasePerson } from './features/erase-person/erase-person.command';
import { ListGoals, ListGoalsHandler } from './features/goal-list/list-goals.query';
import { GetGoal } from './features/goal-view/get-goal.query';
import { GetPerson } from './features/person-view/get-person.query';
import { ProposeGoal } from './features/propose-goal/propose-goal.command';
import { RegisterOrganisation } from './features/register-organisation/register-organisation.command';
import { ReportProgress } from './features/report-progress/report-progress.command';
import { GetLineOfSight } from './features/vision/get-line-of-sight.query';
import { FindGap } from './features/vision/find-gap.command';
import { type GoalStage, goalOnStage } from './goal-stage.fixtures';

let stage: GoalStage;
beforeAll(async () => {
  stage = await goalOnStage();
});
afterAll(() => stage.leave());

const eventually = async (check: () => Promise<void>): Promise<void> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await check();
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
};

const refusal = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
    return 'nothing';
  } catch (error) {
    return (error as { problem: string }).problem;
  }
};

const proposal = { statement: 'Leads a team', dueOn: inDays(30), criteria: [{ criterionId: 'pass' }] };

describe.each(['http', 'grpc'] as const)('who is related to a goal, over %s', (name) => {
  it('PERM-01, PERM-02, PERM-06: a coach sees and works on the goals of learners in the own care, while they are', async () => {
    const wire = stage.wires[name];
    const client = await aClient(stage, wire);
    const { organisationId, personId, tokens } = client;
    const other = { organisationId, personId: randomUUID() };
    await wire.call(AddPerson, { ...other, name: 'Another' }, { token: tokens.operations });
    const gapId = randomUUID();
    const gap = { organisationId, gapId, competence: 'cloud', targetLevel: 3, route: 'build' as const, core: true };
    await wire.call(FindGap, gap, { token: tokens.operations });
    const theirs = await client.proposed({ gapId });
    const others = await client.proposed({ personId: other.personId, teamId: undefined, gapId });
    const ofTeam = await client.proposed({ personId: undefined, gapId });
    const coachId = randomUUID();
    const token = await stage.issuer.token('coach', randomUUID(), { actorId: coachId, clients: [organisationId] });
    const seen = async (): Promise<string[]> => {
      const { goals } = await wire.call(ListGoals, { organisationId }, { token });
      const { gaps } = await wire.call(GetLineOfSight, { organisationId }, { token });
      expect(gaps.flatMap((each) => each.goals.map(({ goalId }) => goalId)).sort()).toEqual(
        goals.map(({ goalId }) => goalId).sort(),
      );
      return goals.map(({ goalId }) => goalId).sort();
    };
    const read = (goalId: string) => refusal(wire.call(GetGoal, { organisationId, goalId }, { token }));
    // A goal that is not agreed takes no progress; that much only a coach hears for whom the goal is there.
    const report = (goalId: string, more: object = {}) =>
      refusal(wire.call(ReportProgress, { organisationId, goalId, percent: 5 }, { token, ...more }));
    const propose = (learner: string) =>
      refusal(
        wire.call(ProposeGoal, { ...proposal, organisationId, goalId: randomUUID(), personId: learner }, { token }),
      );
    const says = stage.coaching;
    await eventually(async () => {
      expect(await seen()).toEqual([ofTeam]);
    });
    expect(await Promise.all([theirs, others, ofTeam].map(read))).toEqual([
      'goal-not-found',
      'goal-not-found',
      'nothing',
    ]);
    expect(await Promise.all([theirs, others, ofTeam].map((goalId) => report(goalId)))).toEqual([
      'goal-not-found',
      'goal-not-found',
      'goal-not-agreed',
    ]);
    // Nor does a version that nobody saw tell that the goal is there.
    expect([await report(others, { expectedVersion: 7 }), await report(randomUUID(), { expectedVersion: 7 })]).toEqual([
      'goal-not-found',
      'goal-not-found',
    ]);

    await says.publish(organisationId, says.assigned(personId, coachId, inDays(-1)));
    await eventually(async () => {
      expect(await seen()).toEqual([theirs, ofTeam].sort());
    });
    expect(await Promise.all([theirs, others].map(read))).toEqual(['nothing', 'goal-not-found']);
    expect([await report(theirs), await report(others)]).toEqual(['goal-not-agreed', 'goal-not-found']);
    expect([await propose(personId), await propose(other.personId), await propose(randomUUID())]).toEqual([
      'nothing',
      'person-not-found',
      'person-not-found',
    ]);

    await says.publish(organisationId, says.unassigned(personId, coachId, inDays(0)));
    await eventually(async () => {
      expect(await seen()).toEqual([ofTeam]);
    });
    expect([await read(theirs), await report(theirs)]).toEqual(['goal-not-found', 'goal-not-found']);
    expect(await propose(personId)).toBe('person-not-found');
  });

  it('PERM-05: one person in two organisations is two, of whom none knows the other', async () => {
    const wire = stage.wires[name];
    const personId = randomUUID();
    const [one, two] = [randomUUID(), randomUUID()];
    const [ofOne, ofTwo] = [await stage.roles(one), await stage.roles(two)];
    for (const [organisationId, { operations: token }] of [
      [one, ofOne],
      [two, ofTwo],
    ] as const) {
      await wire.call(RegisterOrganisation, { organisationId, timeZone: 'UTC', currency: 'EUR' }, { token });
      const who = { name: `Known at ${organisationId}`, email: 'same@example.org', externalId: 'same' };
      await wire.call(AddPerson, { organisationId, personId, ...who }, { token });
    }
    const at = (organisationId: string, token: string) => wire.call(GetPerson, { organisationId, personId }, { token });
    expect((await at(one, await ofOne.learner(personId))).name).toBe(`Known at ${one}`);
    expect((await at(two, await ofTwo.learner(personId))).name).toBe(`Known at ${two}`);
    expect(await refusal(at(two, await ofOne.learner(personId)))).toBe('not-found');
    await wire.call(ErasePerson, { organisationId: one, personId }, { token: ofOne.operations });
    expect(await at(one, ofOne.operations)).toMatchObject({ erased: true });
    expect(await at(two, ofTwo.operations)).toMatchObject({
      erased: false,
      name: `Known at ${two}`,
      email: 'same@example.org',
    });
  });

  it('AUTH-23: a billing machine reads outcomes: no person, and of a goal no texts', async () => {
    const wire = stage.wires[name];
    const { organisationId, personId, tokens, ...client } = await aClient(stage, wire);
    const goalId = await client.agreed();
    const person = wire.call(GetPerson, { organisationId, personId }, { token: tokens.billing });
    await expect(person).rejects.toMatchObject({
      problem: 'role-not-allowed',
      status: { http: 403, grpc: 7 }[name],
    });
    const seen = await client.goal(goalId, tokens.billing);
    expect([seen.status, seen.statement]).toEqual(['agreed', undefined]);
    expect((await client.goal(goalId)).statement).toBe('Runs a cluster alone');
  });
});

it('PERM-02: of 500 learners the database hands over the two that are coached, and no more', async () => {
  const [organisationId, coachId] = [randomUUID(), randomUUID()];
  const persons = Array.from({ length: 500 }, () => randomUUID());
  const { pool } = stage.database;
  await pool.query(
    `insert into goal_list (organisation_id, goal_id, person_id, status, due_on, time_zone, grace_days, imported, version)
     select $1, gen_random_uuid(), person, 'agreed', '2099-01-01', 'UTC', 0, false, 1 from unnest($2::uuid[]) person`,
    [organisationId, persons],
  );
  await pool.query(
    `insert into learner_coaches (organisation_id, person_id, assignment_no, coach_id)
     select $1, person, 1, $2 from unnest($3::uuid[]) person`,
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
  const handler = new ListGoalsHandler(counting as never);
  const caller = {
    actorId: coachId,
    role: 'coach',
    organisationId: randomUUID(),
    clients: '*',
    clientId: 't',
  } as const;
  const { goals, nextCursor } = await handler.execute(new ListGoals({ organisationId, limit: 100 }, caller));
  expect([goals.length, handedOver, nextCursor]).toEqual([2, 2, undefined]);
  expect(new Set(goals.map(({ personId }) => personId))).toEqual(new Set(persons.slice(0, 2)));
  // Nor does a cursor of somebody who sees all lead a coach through the list.
  const cursor = cursorOf(persons[0] ?? '', [organisationId, null, null, null, null]);
  const walked = handler.execute(new ListGoals({ organisationId, limit: 100, cursor }, caller));
  await expect(walked).rejects.toMatchObject({ code: 'cursor-invalid' });
});
