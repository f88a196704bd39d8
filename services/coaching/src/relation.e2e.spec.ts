import { randomUUID } from 'node:crypto';
import { specOf } from '@oppi/service';
import { coachingOperations } from './coaching.operations';
import { coachingOnStage, type CoachingStage } from './coaching-stage.fixtures';
import { ListCheckIns } from './features/check-in/list-check-ins.query';
import { ListConcerns, ListConcernsHandler } from './features/concern/list-concerns.query';

let stage: CoachingStage;
beforeAll(async () => {
  stage = await coachingOnStage();
});
afterAll(() => stage.leave());

it('PERM-02: of the concerns of 500 learners the database hands over the two of the coach, and no more', async () => {
  const [organisationId, coachId] = [randomUUID(), randomUUID()];
  const persons = Array.from({ length: 500 }, () => randomUUID());
  const { pool } = stage.database;
  await pool.query(
    `insert into concerns (organisation_id, person_id, concern_id, kind, owner_id, due_at, raised_at)
     select $1, person, gen_random_uuid(), 'time', case when no <= 2 then $2::uuid else $3::uuid end, now(), now()
     from unnest($4::uuid[]) with ordinality as each (person, no)`,
    [organisationId, coachId, randomUUID(), persons],
  );
  let handedOver = 0;
  const counting = {
    query: async (text: string, values: unknown[]) => {
      const result = await pool.query(text, values);
      handedOver += result.rows.length;
      return result;
    },
  };
  const caller = {
    actorId: coachId,
    role: 'coach',
    organisationId: randomUUID(),
    clients: '*',
    clientId: 't',
  } as const;
  const handler = new ListConcernsHandler(counting as never);
  const ask = async (more: { ownerId?: string } = {}) =>
    (await handler.execute(new ListConcerns({ organisationId, limit: 100, ...more }, caller))).concerns;
  const concerns = await ask();
  expect([concerns.length, handedOver]).toEqual([2, 2]);
  expect(new Set(concerns.map(({ personId }) => personId))).toEqual(new Set(persons.slice(0, 2)));
  // Whose concerns a coach lists is not for the coach to say.
  expect(await ask({ ownerId: randomUUID() })).toEqual(concerns);
});

describe.each(['http', 'grpc'] as const)('over %s', (name) => {
  it('AUTH-23: a billing machine reads no check-in, no concern and nothing else of coaching', async () => {
    const [organisationId, personId] = [randomUUID(), randomUUID()];
    const token = await stage.issuer.token('billing', randomUUID(), { clients: [organisationId] });
    const list = stage.wires[name].call(ListCheckIns, { organisationId, personId }, { token });
    await expect(list).rejects.toMatchObject({
      problem: 'role-not-allowed',
      status: { http: 403, grpc: 7 }[name],
    });
    // Each of them is tried with each role by the access suite; here it is that none lets billing in.
    expect(coachingOperations.filter((operation) => specOf(operation).allow.has('billing'))).toEqual([]);
  });
});
