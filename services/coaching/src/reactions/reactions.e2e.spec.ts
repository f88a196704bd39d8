import { randomUUID } from 'node:crypto';
import {
  coachingOnStage,
  type CoachingStage,
  eventually,
  goalSays,
  message,
  shortfall,
} from '../coaching-stage.fixtures';
import { AssignCoach } from '../features/assign-coach/assign-coach.command';
import { ListCheckIns } from '../features/check-in/list-check-ins.query';
import { RecordCheckIn } from '../features/check-in/record-check-in.command';
import { CloseConcern } from '../features/concern/close-concern.command';
import { GetConcern } from '../features/concern/get-concern.query';
import { GetLearner } from '../features/learner-view/get-learner.query';

jest.setTimeout(30_000);

let stage: CoachingStage;
beforeAll(async () => {
  stage = await coachingOnStage();
});
afterAll(() => stage.leave());

const inDays = (days: number): Date => new Date(Date.now() + days * 86_400_000);
const dayIn = (days: number): string => inDays(days).toISOString().slice(0, 10);

/** A learner with a coach, in an organisation of their own. */
const coached = async () => {
  const organisationId = randomUUID();
  const [personId, coachId] = [randomUUID(), randomUUID()];
  const tokens = await stage.roles(organisationId);
  await stage.say(organisationId, goalSays.organisation(organisationId), goalSays.person(personId));
  await stage.heard();
  const who = { organisationId, personId };
  await stage.wires.http.call(AssignCoach, { ...who, coachId }, { token: tokens.operations });
  const open = async () => (await stage.wires.http.call(GetLearner, who, { token: tokens.operations })).openConcerns;
  return { who, coachId, tokens, open };
};

const publishTime = (organisationId: string, said: Parameters<typeof message>[2]): Promise<void> =>
  stage.bus.publish('time-allocation.events.v1', [message('time-allocation', organisationId, said)]);

/** As after a crash before the checkpoint moved: everything in the inbox is reacted to again. */
const forgetReactions = async (): Promise<void> => {
  await stage.database.pool.query('update reaction_checkpoints set position = 0');
  await stage.heard();
};

const eventsOf = async (streamId: string): Promise<string[]> => {
  const { rows } = await stage.database.pool.query<{ type: string }>(
    'select type from events where stream_id = $1 order by version',
    [streamId],
  );
  return rows.map(({ type }) => type);
};

describe('a time shortfall', () => {
  it('C10: raises one concern with the coach; the same message twice, or read again after a crash, raises no other', async () => {
    const { who, coachId, tokens, open } = await coached();
    const goalId = randomUUID();
    const said = { ...shortfall(who.personId, goalId), eventId: randomUUID(), position: 1_000_001 };
    await publishTime(who.organisationId, said);
    await publishTime(who.organisationId, said);
    await stage.heard();
    const [concern, ...more] = await open();
    expect(concern).toMatchObject({ kind: 'time-shortfall', goalId, ownerId: coachId, status: 'open' });
    expect(more).toEqual([]);
    const concernId = String(concern?.concernId);
    await stage.wires.http.call(
      CloseConcern,
      { ...who, concernId, outcome: 'time-given' },
      { token: await tokens.coach(coachId) },
    );
    await forgetReactions();
    expect(await open()).toEqual([]);
    expect(await eventsOf(`concerns-${who.personId}`)).toEqual(['ConcernsEntrusted', 'ConcernRaised', 'ConcernClosed']);
  });

  it('C10: found again while the concern is open is noted once, even when it is read again after that closed', async () => {
    const { who, coachId, tokens, open } = await coached();
    for (const position of [1, 2])
      await publishTime(who.organisationId, {
        ...shortfall(who.personId, randomUUID()),
        position: 2_000_000 + position,
      });
    await stage.heard();
    const concerns = await open();
    expect(concerns).toHaveLength(1);
    await stage.wires.http.call(
      CloseConcern,
      { ...who, concernId: String(concerns[0]?.concernId), outcome: 'escalated' },
      { token: await tokens.coach(coachId) },
    );
    await forgetReactions();
    expect(await eventsOf(`concerns-${who.personId}`)).toEqual([
      'ConcernsEntrusted',
      'ConcernRaised',
      'ConcernSeenAgain',
      'ConcernClosed',
    ]);
  });
});

describe('an erased person', () => {
  it('I7: loses every word; coaching ends, concerns close, nothing new is taken, and the facts stay', async () => {
    const { who, coachId, tokens, open } = await coached();
    const coach = await tokens.coach(coachId);
    const learner = await tokens.learner(who.personId);
    const checkIn = { ...who, checkInId: randomUUID(), motivation: 1, text: 'please forget' };
    await stage.wires.http.call(RecordCheckIn, checkIn, { token: learner });
    const [concern] = await open();
    await stage.say(who.organisationId, goalSays.erased(who.personId));
    await stage.heard();
    await forgetReactions();
    expect(await open()).toEqual([]);
    expect(await eventsOf(`learner-${who.personId}`)).toEqual([
      'CoachAssigned',
      'CoachUnassigned',
      'LearnerErasureRequested',
      'LearnerErased',
    ]);
    const seen = { ...who, concernId: String(concern?.concernId) };
    const closed = await stage.wires.http.call(GetConcern, seen, { token: tokens.operations });
    expect(closed.concern.outcome).toBe('learner-erased');
    const { checkIns } = await stage.wires.http.call(ListCheckIns, who, { token: learner });
    expect(checkIns).toEqual([{ checkInId: checkIn.checkInId, heldOn: dayIn(0), skipped: false }]);
    const { rows } = await stage.database.pool.query('select 1 from content_vault where subject_id = $1', [
      who.personId,
    ]);
    expect(rows).toEqual([]);
    const again = { ...who, checkInId: randomUUID(), time: 1 };
    await expect(stage.wires.http.call(RecordCheckIn, again, { token: learner })).rejects.toMatchObject({
      problem: 'person-erased',
    });
    await expect(stage.wires.http.call(ListCheckIns, who, { token: coach })).rejects.toMatchObject({
      problem: 'learner-not-found',
    });
  });
});

describe('a stalled goal', () => {
  const clockTo = async (now: Date, token: string): Promise<void> => {
    const response = await fetch(`http://127.0.0.1:${stage.service.httpPort}/coaching/v1/clock`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ now: now.toISOString() }),
    });
    expect(response.status).toBe(200);
  };

  it('C10: raises one concern after so many days without progress, by the clock alone, and again a stretch later', async () => {
    const { who, coachId, tokens, open } = await coached();
    const [moving, still, over, old] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const today = dayIn(0);
    await stage.say(
      who.organisationId,
      ...[moving, still, over].flatMap((goalId) => [
        goalSays.proposed(goalId, who.personId),
        goalSays.agreed(goalId, today),
      ]),
      goalSays.proposed(old, who.personId, true),
      goalSays.agreed(old, today),
      goalSays.attained(over, today),
      goalSays.activityDone(moving, dayIn(1)),
    );
    await stage.heard();
    const token = tokens.operations;
    const found = async (stalled: string[]): Promise<void> => {
      const { rows } = await stage.database.pool.query<{ goal: string }>(
        `select data ->> 'goalId' as goal from events where stream_id = $1 and data ? 'goalId' order by version`,
        [`concerns-${who.personId}`],
      );
      expect(rows.map(({ goal }) => goal)).toEqual(stalled);
    };
    await clockTo(inDays(21), token);
    await eventually(() => found([still]));
    const [concern] = await open();
    expect(concern).toMatchObject({ kind: 'stalled', goalId: still, ownerId: coachId });
    await clockTo(inDays(22), token);
    await eventually(() => found([still, moving]));
    expect(await open()).toHaveLength(1);
    await stage.wires.http.call(
      CloseConcern,
      { ...who, concernId: String(concern?.concernId), outcome: 'plan-changed' },
      { token: await tokens.coach(coachId) },
    );
    await stage.database.pool.query('truncate stall_looks');
    await stage.say(who.organisationId, goalSays.progress(moving, dayIn(22)));
    await stage.heard();
    await clockTo(inDays(42), token);
    await eventually(() => found([still, moving, still]));
    expect(await open()).toMatchObject([{ kind: 'stalled', goalId: still }]);
  });
});
