import { randomUUID } from 'node:crypto';
import { ListParkedMessages, RedriveParkedMessages } from '@oppi/intake';
import { coachingOnStage, type CoachingStage, eventually, goalSays } from './coaching-stage.fixtures';
import { AssignCoach } from './features/assign-coach/assign-coach.command';
import { ChangeConcernOwner } from './features/concern/change-concern-owner.command';
import { CloseConcern } from './features/concern/close-concern.command';
import { ListConcerns } from './features/concern/list-concerns.query';
import { RaiseConcern } from './features/concern/raise-concern.command';
import { GetCoachLoad } from './features/worklist/get-coach-load.query';
import { GetWorklist } from './features/worklist/get-worklist.query';

jest.setTimeout(30_000);

let stage: CoachingStage;
beforeAll(async () => {
  stage = await coachingOnStage();
});
afterAll(() => stage.leave());

type Who = { organisationId: string; personId: string };

describe.each(['http', 'grpc'] as const)('the worklist over %s', (name) => {
  const raise = async (who: Who, kind: 'time' | 'direction', token: string) => {
    const concern = { ...who, concernId: randomUUID() };
    await stage.wires[name].call(RaiseConcern, { ...concern, kind }, { token });
    return concern;
  };

  it('C9: the worklist shows what is unowned or overdue, and load is counted per coach', async () => {
    const wire = stage.wires[name];
    const organisation = randomUUID();
    const theirs = await stage.roles(organisation);
    const token = theirs.operations;
    const [one, other] = [randomUUID(), randomUUID()];
    await stage.say(organisation, goalSays.organisation(organisation), goalSays.person(one), goalSays.person(other));
    await stage.heard();
    const owner = randomUUID();
    const theirCoach = await theirs.coach(owner);
    const at = (personId: string) => ({ organisationId: organisation, personId });
    await wire.call(AssignCoach, { ...at(one), coachId: owner }, { token });
    const owned = await raise(at(one), 'time', token);
    const unowned = await raise(at(other), 'time', token);
    const flag = await raise(at(one), 'direction', token);
    await wire.call(CloseConcern, { ...flag, outcome: 'false-flag' }, { token: theirCoach });
    const helped = await raise(at(one), 'direction', token);
    await wire.call(CloseConcern, { ...helped, outcome: 'helped' }, { token: theirCoach });
    const list = () => wire.call(GetWorklist, { organisationId: organisation }, { token });
    await eventually(async () =>
      expect(await list()).toMatchObject({
        total: 1,
        items: [{ concern: { concernId: unowned.concernId }, unowned: true, overdue: false }],
      }),
    );
    await wire.call(ChangeConcernOwner, { ...unowned, ownerId: owner }, { token });
    await eventually(async () => expect(await list()).toEqual({ items: [], total: 0, parkedMessages: 0 }));
    await stage.database.pool.query(`update concerns set due_at = now() - interval '1 hour' where concern_id = $1`, [
      owned.concernId,
    ]);
    expect(await list()).toMatchObject({
      total: 1,
      items: [{ concern: { concernId: owned.concernId }, unowned: false, overdue: true }],
    });
    expect(await wire.call(GetCoachLoad, { organisationId: organisation }, { token })).toEqual({
      coaches: [{ coachId: owner, learners: 1, openConcerns: 2, overdueConcerns: 1 }],
      closedConcerns: 2,
      falseFlags: 1,
    });
    const first = await wire.call(ListConcerns, { organisationId: organisation, limit: 2 }, { token });
    const rest = await wire.call(
      ListConcerns,
      { organisationId: organisation, limit: 2, cursor: String(first.nextCursor) },
      { token },
    );
    expect([first.concerns.length, rest.concerns.length, rest.nextCursor]).toEqual([2, 2, undefined]);
    const open = await wire.call(ListConcerns, { organisationId: organisation, status: 'open' }, { token: theirCoach });
    expect(open.concerns).toHaveLength(2);
    const others = await theirs.coach(randomUUID());
    const none = await wire.call(ListConcerns, { organisationId: organisation, ownerId: owner }, { token: others });
    expect(none.concerns).toEqual([]);
  });

  it('a message that cannot be read is parked, listed, and tried again on demand, and holds up nobody else', async () => {
    const wire = stage.wires[name];
    const organisationId = randomUUID();
    const token = (await stage.roles(organisationId)).operations;
    const [unreadable, next] = [randomUUID(), randomUUID()];
    const broken = { ...goalSays.person(unreadable), value: Uint8Array.of(0x0a, 0x7f) };
    await stage.say(organisationId, goalSays.organisation(organisationId), broken, goalSays.person(next));
    await stage.heard();
    const { messages } = await wire.call(ListParkedMessages, { organisationId }, { token });
    expect(messages).toMatchObject([
      {
        topic: 'goal.events.v1',
        subject: broken.subject,
        type: broken.type,
        reason: 'the value is no goal.v1.PersonAdded',
      },
    ]);
    const worklist = await wire.call(GetWorklist, { organisationId }, { token });
    expect(worklist).toEqual({ items: [], total: 0, parkedMessages: 1 });
    const assigned = { organisationId, personId: next, coachId: randomUUID() };
    await wire.call(AssignCoach, assigned, { token });
    const again = await wire.call(RedriveParkedMessages, { organisationId }, { token });
    expect(again).toEqual({ redriven: 0, stillParked: 1 });
  });
});
