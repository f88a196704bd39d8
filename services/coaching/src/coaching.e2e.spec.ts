import { randomUUID } from 'node:crypto';
import { contractProblems, type Wire } from '@oppi/service/testing';
import { coachingOperations } from './coaching.operations';
import { coachingOnStage, type CoachingStage, eventually, goalSays } from './coaching-stage.fixtures';
import { AssignCoach } from './features/assign-coach/assign-coach.command';
import { UnassignCoach } from './features/assign-coach/unassign-coach.command';
import { ListCheckIns } from './features/check-in/list-check-ins.query';
import { RecordCheckIn } from './features/check-in/record-check-in.command';
import { SkipCheckIn } from './features/check-in/skip-check-in.command';
import { CloseConcern } from './features/concern/close-concern.command';
import { GetConcern } from './features/concern/get-concern.query';
import { ListConcerns } from './features/concern/list-concerns.query';
import { RaiseConcern } from './features/concern/raise-concern.command';
import { GetLearner } from './features/learner-view/get-learner.query';

let stage: CoachingStage;
beforeAll(async () => {
  stage = await coachingOnStage();
});
afterAll(() => stage.leave());

it('binds every rpc of the contract, with the same fields', () => {
  const contract = { service: 'coaching.v1.CoachingService', protos: ['coaching/v1/coaching_service.proto'] };
  expect(contractProblems(coachingOperations, contract)).toEqual([]);
});

jest.setTimeout(30_000);

const refusal = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
    return 'nothing';
  } catch (error) {
    return (error as { problem: string }).problem;
  }
};

describe.each(['http', 'grpc'] as const)('coaching over %s', (name) => {
  const organisationId = randomUUID();
  const [coachId, successorId] = [randomUUID(), randomUUID()];
  const today = new Date().toISOString().slice(0, 10);
  let wire: Wire;
  let tokens: Awaited<ReturnType<CoachingStage['roles']>>;
  let coach: string;
  let successor: string;

  beforeAll(async () => {
    wire = stage.wires[name];
    tokens = await stage.roles(organisationId);
    [coach, successor] = await Promise.all([tokens.coach(coachId), tokens.coach(successorId)]);
    await stage.say(organisationId, goalSays.organisation(organisationId));
  });

  /** A learner whom coaching has heard of. */
  const known = async (): Promise<{ organisationId: string; personId: string }> => {
    const personId = randomUUID();
    await stage.say(organisationId, goalSays.person(personId));
    await stage.heard();
    return { organisationId, personId };
  };
  const coached = async () => {
    const who = await known();
    await wire.call(AssignCoach, { ...who, coachId }, { token: tokens.operations });
    return who;
  };
  type Who = Awaited<ReturnType<typeof known>>;
  const read = (who: Who) => wire.call(GetLearner, who, { token: tokens.operations });
  const raise = async (who: Who, kind: 'time' | 'direction' = 'time', token = tokens.operations, more: object = {}) => {
    const concern = { ...who, concernId: randomUUID() };
    await wire.call(RaiseConcern, { ...concern, kind, ...more }, { token });
    return concern;
  };

  it('C3: a replacement ends one assignment, starts the other, and open concerns get the new owner', async () => {
    const who = await coached();
    const concern = await raise(who);
    expect((await read(who)).openConcerns).toMatchObject([{ concernId: concern.concernId, ownerId: coachId }]);
    await wire.call(AssignCoach, { ...who, coachId: successorId }, { token: tokens.operations });
    expect(await read(who)).toMatchObject({
      coachId: successorId,
      assignments: [
        { coachId, fromOn: today, untilOn: today },
        { coachId: successorId, fromOn: today },
      ],
      openConcerns: [{ concernId: concern.concernId, ownerId: successorId }],
    });
    expect(await refusal(wire.call(GetLearner, who, { token: coach }))).toBe('learner-not-found');
    await wire.call(UnassignCoach, who, { token: tokens.operations });
    const after = await read(who);
    expect([after.coachId, after.openConcerns[0]?.ownerId]).toEqual([undefined, undefined]);
  });

  it('C10: low dials raise one concern of a kind each, owned and due, and never a second while it is open', async () => {
    const who = await coached();
    const learner = await tokens.learner(who.personId);
    const answer = (dials: object) =>
      wire.call(RecordCheckIn, { ...who, checkInId: randomUUID(), ...dials }, { token: learner });
    await answer({ direction: 2, motivation: 4, time: 1 });
    await answer({ direction: 1, motivation: 3 });
    const { openConcerns } = await read(who);
    expect(openConcerns.map(({ kind, ownerId }) => [kind, ownerId])).toEqual([
      ['direction', coachId],
      ['time', coachId],
    ]);
    for (const { raisedAt, dueAt } of openConcerns)
      expect(Date.parse(dueAt) - Date.parse(raisedAt)).toBe(5 * 86_400_000);
    const [first] = openConcerns;
    await wire.call(CloseConcern, { ...who, concernId: String(first?.concernId), outcome: 'helped' }, { token: coach });
    await answer({ direction: 2 });
    const kinds = (await read(who)).openConcerns.map(({ kind }) => kind);
    expect(kinds).toEqual(['time', 'direction']);
  });

  it('C2: dials and text are read by the learner and the assigned coach only', async () => {
    const who = await coached();
    const checkInId = randomUUID();
    const learner = await tokens.learner(who.personId);
    const said = { direction: 5, time: 4, text: 'Zzyzx is my secret' };
    await wire.call(RecordCheckIn, { ...who, checkInId, ...said }, { token: learner });
    for (const token of [learner, coach])
      await eventually(async () => {
        const { checkIns } = await wire.call(ListCheckIns, who, { token });
        expect(checkIns).toEqual([{ checkInId, heldOn: today, skipped: false, ...said }]);
      });
    const list = (token: string): Promise<string> => refusal(wire.call(ListCheckIns, who, { token }));
    expect(await list(successor)).toBe('learner-not-found');
    expect(await list(await tokens.learner(randomUUID()))).toBe('learner-not-found');
    for (const token of [tokens.manager, tokens.operations, tokens.billing])
      expect(await list(token)).toBe('role-not-allowed');
    await eventually(async () => {
      const told = await stage.log.pool.query<{ type: string; value: Buffer }>(
        `select headers ->> 'ce_type' as type, value from bus_records where topic = 'coaching.events.v1' and key = $1`,
        [organisationId],
      );
      expect(told.rows.map(({ type }) => type)).toContain('coaching.v1.CheckInHeld');
      for (const { value } of told.rows) expect(value.toString()).not.toContain('Zzyzx');
    });
    const stored = await stage.database.pool.query<{ all: string }>(
      `select string_agg(e::text, ' ') as all from events e where e.stream_id like '%' || $1 || '%'`,
      [who.personId],
    );
    expect(stored.rows[0]?.all).toContain('CheckInRecorded');
    for (const secret of ['Zzyzx', 'direction', '"time"']) expect(stored.rows[0]?.all).not.toContain(secret);
  });

  it('C12: a skipped check-in is data: stale, without any figure, and it may still be answered', async () => {
    const who = await coached();
    const learner = await tokens.learner(who.personId);
    expect((await read(who)).checkIns).toBe('stale');
    await wire.call(RecordCheckIn, { ...who, checkInId: randomUUID(), motivation: 5 }, { token: coach });
    await eventually(async () => expect(await read(who)).toMatchObject({ checkIns: 'fresh', lastCheckInOn: today }));
    const other = await coached();
    const checkInId = randomUUID();
    await wire.call(SkipCheckIn, { ...other, checkInId }, { token: tokens.operations });
    await eventually(async () => {
      const { checkIns } = await wire.call(ListCheckIns, other, { token: coach });
      expect(checkIns).toEqual([{ checkInId, heldOn: today, skipped: true }]);
    });
    const view = await read(other);
    expect([view.checkIns, view.lastCheckInOn, view.openConcerns]).toEqual(['stale', undefined, []]);
    await wire.call(RecordCheckIn, { ...other, checkInId, time: 3 }, { token: await tokens.learner(other.personId) });
    await eventually(async () => expect((await read(other)).checkIns).toBe('fresh'));
    const again = wire.call(RecordCheckIn, { ...who, checkInId: randomUUID() }, { token: learner });
    expect(await refusal(again)).toBe('invalid-request');
  });

  it('C9 C11: who raised a concern learns its outcome, never the notes; owner and coach read them', async () => {
    const who = await coached();
    const concern = await raise(who, 'direction', tokens.manager, { note: 'seems lost' });
    await wire.call(CloseConcern, { ...concern, outcome: 'false-flag', note: 'was on holiday' }, { token: coach });
    const see = (token: string) => wire.call(GetConcern, concern, { token });
    expect(await see(tokens.manager)).toEqual({
      concern: expect.objectContaining({ status: 'closed', outcome: 'false-flag' }) as unknown,
    });
    expect(await see(coach)).toMatchObject({ note: 'seems lost', closingNote: 'was on holiday' });
    const colleague = (await stage.roles(organisationId)).manager;
    for (const token of [colleague, successor]) expect(await refusal(see(token))).toBe('concern-not-found');
    for (const token of [tokens.operations, await tokens.learner(who.personId)])
      expect(Object.keys(await see(token))).toEqual(['concern']);
    expect(await refusal(wire.call(ListConcerns, { organisationId }, { token: tokens.manager }))).toBe(
      'role-not-allowed',
    );
  });

  it('GDPR-15: who reads an answer or a note leaves a note; without one there is no text', async () => {
    const who = await coached();
    const concern = await raise(who, 'direction', tokens.manager, { note: 'Zzyzx seems lost' });
    const checkInId = randomUUID();
    await wire.call(RecordCheckIn, { ...who, checkInId, time: 4 }, { token: coach });
    await eventually(async () => {
      const { checkIns } = await wire.call(ListCheckIns, who, { token: coach });
      expect(checkIns).toHaveLength(1);
    });
    await wire.call(GetConcern, concern, { token: tokens.manager });
    await wire.call(GetConcern, concern, { token: coach });
    const { database } = stage;
    const noted = await database.pool.query(
      `select operation, actor_id, actor_role, places from text_reads where organisation_id = $1 and subject_id = $2
       order by read_no`,
      [organisationId, who.personId],
    );
    const by = { actor_id: coachId, actor_role: 'coach' };
    expect(noted.rows).toEqual([
      { operation: 'ListCheckIns', ...by, places: [`check-in-${checkInId}/time`] },
      { operation: 'GetConcern', ...by, places: [`concern-${concern.concernId}/note`] },
    ]);
    await database.pool.query('alter table text_reads add constraint full_disk check (false) not valid');
    try {
      expect(await refusal(wire.call(GetConcern, concern, { token: coach }))).toBe('reading-not-recorded');
      expect(await refusal(wire.call(ListCheckIns, who, { token: coach }))).toBe('reading-not-recorded');
    } finally {
      await database.pool.query('alter table text_reads drop constraint full_disk');
    }
  });

  it('refuses what it has not heard of yet as unknown-yet, and takes it once it has', async () => {
    const stranger = { organisationId, personId: randomUUID() };
    const assign = () => wire.call(AssignCoach, { ...stranger, coachId }, { token: tokens.operations });
    await expect(assign()).rejects.toMatchObject({
      problem: 'person-unknown-yet',
      status: name === 'http' ? 409 : 10,
    });
    await stage.say(organisationId, goalSays.person(stranger.personId));
    await stage.heard();
    expect(await assign()).toMatchObject({ version: 1, replayed: false });
    const concern = { ...stranger, concernId: randomUUID(), kind: 'stalled' as const, goalId: randomUUID() };
    const token = tokens.operations;
    expect(await refusal(wire.call(RaiseConcern, concern, { token }))).toBe('goal-unknown-yet');
    await stage.say(organisationId, goalSays.proposed(concern.goalId, randomUUID()));
    await stage.heard();
    expect(await refusal(wire.call(RaiseConcern, concern, { token }))).toBe('goal-of-another');
    const nowhere = randomUUID();
    const theirs = await stage.roles(nowhere);
    const elsewhere = wire.call(
      AssignCoach,
      { organisationId: nowhere, personId: stranger.personId, coachId },
      { token: theirs.operations },
    );
    expect(await refusal(elsewhere)).toBe('organisation-unknown-yet');
  });

  it('refuses wrong roles, others’ learners and concerns, bad input and a key used for other answers', async () => {
    const who = await coached();
    const token = tokens.operations;
    expect(await refusal(wire.call(AssignCoach, { ...who, coachId }, { token }))).toBe('coach-already-assigned');
    expect(await refusal(wire.call(AssignCoach, { ...who, coachId }, { token: coach }))).toBe('role-not-allowed');
    expect(await refusal(wire.call(AssignCoach, { ...who, coachId: who.personId }, { token }))).toBe(
      'coach-is-learner',
    );
    const checkIn = { ...who, checkInId: randomUUID(), time: 3 };
    expect(await refusal(wire.call(RecordCheckIn, checkIn, { token: successor }))).toBe('learner-not-found');
    expect(await refusal(wire.call(RecordCheckIn, checkIn, { token: tokens.manager }))).toBe('role-not-allowed');
    expect(await refusal(wire.call(RecordCheckIn, { ...checkIn, time: 6 }, { token: coach }))).toBe('invalid-request');
    const concern = await raise(who);
    const close = { ...concern, outcome: 'helped' as const };
    expect(await refusal(wire.call(CloseConcern, close, { token: successor }))).toBe('concern-not-found');
    const again = { ...who, concernId: randomUUID(), kind: 'time' as const };
    expect(await refusal(wire.call(RaiseConcern, again, { token }))).toBe('concern-of-kind-open');
    await wire.call(CloseConcern, close, { token: coach });
    expect(await refusal(wire.call(CloseConcern, close, { token: coach }))).toBe('concern-already-closed');
    const requestId = randomUUID();
    const first = await wire.call(RecordCheckIn, checkIn, { token: coach, requestId });
    expect(await wire.call(RecordCheckIn, checkIn, { token: coach, requestId })).toEqual({ ...first, replayed: true });
    const otherAnswer = wire.call(RecordCheckIn, { ...checkIn, time: 4 }, { token: coach, requestId });
    expect(await refusal(otherAnswer)).toBe('idempotency-key-in-use');
  });
});
