import { randomBytes, randomUUID } from 'node:crypto';
import { EventStore, Vault } from '@oppi/event-store';
import { ListParkedMessages, RedriveParkedMessages } from '@oppi/intake';
import { InboxLog } from '@oppi/messaging';
import { rebuild } from '@oppi/projections';
import { LogTime } from '../features/log-time/log-time.command';
import { PlanTime } from '../features/plan-time/plan-time.command';
import { timeEntries } from '../features/time-account/time-entries.projection';
import { timeShortfalls } from '../features/time-shortfalls/time-shortfalls.projection';
import { eventually, type TimeAllocationStage, timeAllocationOnStage } from '../time-allocation-stage.fixtures';
import { decoders } from './facts';
import { KnownFacts } from './known-facts';
import { knownFromGoal } from './known.projections';

let stage: TimeAllocationStage;
const organisationId = randomUUID();
const [personId, goalId, ofAll] = [randomUUID(), randomUUID(), randomUUID()];
beforeAll(async () => {
  stage = await timeAllocationOnStage();
});
afterAll(() => stage.leave());

const count = async (table: string): Promise<number> => {
  const { rows } = await stage.database.pool.query<{ n: number }>(`select count(*)::integer as n from ${table}`);
  return rows[0]!.n;
};

describe('facts from goal', () => {
  it('are known once, however often they are told', async () => {
    const { goal } = stage;
    const told = [
      goal.organisation(organisationId),
      goal.person(organisationId, personId),
      goal.goal(organisationId, goalId, personId, '2099-06-30'),
      goal.goal(organisationId, ofAll, undefined, '2099-06-30'),
    ];
    await goal.publish(...told);
    await goal.publish(...told, goal.goalWithdrawn(organisationId, ofAll));
    const facts = new KnownFacts(stage.database.pool);
    await eventually(async () => {
      const { rows } = await stage.database.pool.query('select 1 from goals where ended');
      expect(rows).toHaveLength(1);
    });
    expect(await count('inbox')).toBe(5);
    expect(await facts.about({ organisationId, personId, goalId })).toEqual({
      timeZone: 'Europe/Helsinki',
      person: { erased: false },
      goal: { personId, dueOn: '2099-06-30', imported: false },
    });
    expect(await facts.about({ organisationId, goalId: ofAll })).toEqual({
      timeZone: 'Europe/Helsinki',
      person: undefined,
      goal: { personId: undefined, dueOn: '2099-06-30', imported: false },
    });
  });

  it('are not known of another organisation', async () => {
    const facts = new KnownFacts(stage.database.pool);
    expect(await facts.about({ organisationId: randomUUID(), personId, goalId })).toEqual({
      timeZone: undefined,
      person: undefined,
      goal: undefined,
    });
  });

  it('tell which goals of a person ended, until the attainment is revoked', async () => {
    const facts = new KnownFacts(stage.database.pool);
    const ended = () => facts.endedGoals(organisationId, personId);
    expect(await ended()).toEqual(new Set());
    await stage.goal.publish(stage.goal.goalAttained(organisationId, goalId));
    await eventually(async () => expect(await ended()).toEqual(new Set([goalId])));
    await stage.goal.publish(stage.goal.attainmentRevoked(organisationId, goalId));
    await eventually(async () => expect(await ended()).toEqual(new Set()));
  });

  it('are parked when they cannot be read, which holds up nothing else, and redriven by operations', async () => {
    const { operations: token } = await stage.roles(organisationId);
    const broken = { ...stage.goal.person(organisationId, randomUUID()), value: new Uint8Array([255]) };
    const next = randomUUID();
    await stage.goal.publish(broken, stage.goal.person(organisationId, next));
    const facts = new KnownFacts(stage.database.pool);
    await eventually(async () =>
      expect((await facts.about({ organisationId, personId: next })).person).toEqual({ erased: false }),
    );
    for (const wire of [stage.wires.http, stage.wires.grpc]) {
      const { messages } = await wire.call(ListParkedMessages, { organisationId }, { token });
      expect(messages).toMatchObject([{ topic: 'goal.events.v1', type: 'goal.v1.PersonAdded' }]);
      expect(await wire.call(RedriveParkedMessages, { organisationId }, { token })).toEqual({
        redriven: 0,
        stillParked: 1,
      });
    }
  });
});

describe('read tables', () => {
  it('are the same when they are rebuilt', async () => {
    const { operations: token } = await stage.roles(organisationId);
    const entry = { organisationId, personId, on: '2026-03-02', entryId: randomUUID(), goalId, minutes: 5 };
    await stage.wires.grpc.call(LogTime, entry, { token });
    await stage.wires.grpc.call(PlanTime, { organisationId, goalId, neededMinutes: 100 }, { token });
    await eventually(async () => expect([await count('time_entries'), await count('time_shortfalls')]).toEqual([1, 1]));
    const { pool } = stage.database;
    const store = new EventStore(pool, new Vault(pool, randomBytes(32)));
    const own = await rebuild(pool, store, [timeEntries, timeShortfalls]);
    const heard = await rebuild(pool, new InboxLog({ database: pool, decoders }), knownFromGoal);
    expect([...own, ...heard].map(({ name, equal, rows }) => [name, equal, rows.toString()])).toEqual([
      ['time_entries', true, '1'],
      ['time_shortfalls', true, '1'],
      ['organisations', true, '1'],
      ['persons', true, '2'],
      ['goals', true, '2'],
    ]);
  });
});
