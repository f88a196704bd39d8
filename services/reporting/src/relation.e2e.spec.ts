import { randomUUID } from 'node:crypto';
import { ExplainAttainment } from './features/explain-attainment/explain-attainment.query';
import { GetAttainment } from './features/attainment/get-attainment.query';
import { GetAttainmentReport } from './features/attainment-report/get-attainment-report.query';
import { Figures } from './figures/figure-reader';
import { says } from './goal-and-coaching-say.fixtures';
import { aClient, type ReportingStage, reportingOnStage } from './reporting-stage.fixtures';

let stage: ReportingStage;
beforeAll(async () => {
  stage = await reportingOnStage();
});
afterAll(() => stage.leave());

describe.each(['http', 'grpc'] as const)('a coach, over %s', (name) => {
  it('PERM-01, PERM-02, PERM-06: has goals explained of learners in the own care, while they are', async () => {
    const wire = stage.wire(name);
    const { organisationId, personId, goalIds, tokens, say } = await aClient(stage, 1);
    const [other, othersGoal, ofNobody] = [randomUUID(), randomUUID(), randomUUID()];
    const [theirs] = goalIds;
    const { coach: token, coachId } = tokens;
    await say(says.goal(othersGoal, other), says.goal(ofNobody, undefined));
    await stage.settled();
    const explained = async (more: object = {}) => {
      const { attainment, goals } = await wire.call(ExplainAttainment, { organisationId, ...more }, { token });
      // The figure is of the goals that are listed.
      expect(attainment.agreed).toBe(goals.length);
      return goals.map(({ goalId }) => goalId).sort();
    };
    const attainmentOf = (whose: string) =>
      wire.call(GetAttainment, { organisationId, personId: whose }, { token }).then(
        ({ attainment }) => attainment.agreed,
        (error: unknown) => (error as { problem: string }).problem,
      );
    expect(await explained()).toEqual([ofNobody]);
    expect(await attainmentOf(personId)).toBe('person-not-found');

    await say(says.coach(personId, coachId, '2026-01-01'));
    await stage.settled();
    expect(await explained()).toEqual([theirs, ofNobody].sort());
    expect(await explained({ personId })).toEqual([theirs]);
    await expect(explained({ personId: other })).rejects.toMatchObject({ problem: 'person-not-found' });
    expect(await Promise.all([personId, other, randomUUID()].map(attainmentOf))).toEqual([
      1,
      'person-not-found',
      'person-not-found',
    ]);
    // Figures that name nobody are of the whole organisation, as for everybody else.
    const { organisation } = await wire.call(GetAttainmentReport, { organisationId }, { token });
    expect(organisation.attainment.agreed).toBe(3);

    await say(says.coachLeft(personId, coachId, '2026-02-01'));
    await stage.settled();
    expect(await explained()).toEqual([ofNobody]);
    expect(await attainmentOf(personId)).toBe('person-not-found');
  });
});

it('PERM-02: of the goals of 500 learners the database hands over the two that are coached, and no more', async () => {
  const [organisationId, coachId] = [randomUUID(), randomUUID()];
  const persons = Array.from({ length: 500 }, () => randomUUID());
  const { pool } = stage.database;
  await pool.query(
    `insert into goals (organisation_id, goal_id, person_id, due_on, agreed_recorded_at)
     select $1, gen_random_uuid(), person, '2099-01-01', now() from unnest($2::uuid[]) person`,
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
  const figures = new Figures(counting as never, { organisationId }, { teams: [], basis: {} as never });
  const goals = await figures.goals({ organisationId, coachId }, undefined, null, 100);
  expect([goals.length, handedOver]).toEqual([2, 2]);
  expect(new Set(goals.map(({ personId }) => personId))).toEqual(new Set(persons.slice(0, 2)));
  expect(await figures.outcomes({ organisationId, coachId })).toMatchObject({ open: 2 });
});
