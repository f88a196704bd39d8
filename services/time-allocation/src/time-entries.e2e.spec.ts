import { randomUUID } from 'node:crypto';
import { TimeRejected } from '@oppi/contracts/time_allocation/v1/time_allocation_events';
import { type Wire } from '@oppi/service/testing';
import { ConfirmTime } from './features/review-time/confirm-time.command';
import { CorrectTime } from './features/log-time/correct-time.command';
import { GetFeasibility } from './features/feasibility/get-feasibility.query';
import { GetTimeAccount } from './features/time-account/get-time-account.query';
import { GetTimeLog } from './features/time-log/get-time-log.query';
import { GrantTime } from './features/allowance/grant-time.command';
import { LogTime } from './features/log-time/log-time.command';
import { PlanTime } from './features/plan-time/plan-time.command';
import { RejectTime } from './features/review-time/reject-time.command';
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

const today = () => inDays(0);

describe.each(['http', 'grpc'] as const)('time entries over %s', (name) => {
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

  it('T8: logs, confirms, corrects and rejects time, with a reason', async () => {
    const goalId = randomUUID();
    const personId = await learnerWith([{ goalId }]);
    const entry = { organisationId, personId, on: today(), entryId: randomUUID() };
    const learner = await tokens.learner(personId);
    await wire.call(LogTime, { ...entry, goalId, minutes: 45 }, { token: learner });
    await stage.assignCoach(organisationId, personId, tokens.coachId);
    await wire.call(ConfirmTime, entry, { token: tokens.coach });
    const read = () =>
      wire.call(GetTimeLog, { organisationId, personId, month: today().slice(0, 7) }, { token: learner });
    const confirmed = await read();
    expect(confirmed.entries).toEqual([
      { entryId: entry.entryId, on: today(), goalId, minutes: 45, status: 'confirmed' },
    ]);
    const correct = (expectedVersion: number) =>
      wire.call(CorrectTime, { ...entry, minutes: 30 }, { token: learner, expectedVersion });
    const unseen = wire.call(CorrectTime, { ...entry, minutes: 30 }, { token: learner });
    expect(await refusal(unseen)).toBe('expected-version-required');
    expect(await refusal(correct(confirmed.version - 1))).toBe('version-stale');
    await correct(confirmed.version);
    expect((await read()).entries).toMatchObject([{ minutes: 30, status: 'pending' }]);
    await wire.call(RejectTime, { ...entry, reasonCode: 'not-learning' }, { token: tokens.manager });
    expect((await read()).entries).toMatchObject([{ status: 'rejected', reasonCode: 'not-learning' }]);
    await eventually(() =>
      expect(heard('time_allocation.v1.TimeRejected', (value) => TimeRejected.decode(value))).toContainEqual({
        personId,
        on: today(),
        entryId: entry.entryId,
        goalId,
        reasonCode: 'not-learning',
      }),
    );
  });

  it('T14: accounts given and logged minutes by ISO week, without what was rejected', async () => {
    const goalId = randomUUID();
    const personId = await learnerWith([{ goalId }]);
    const token = tokens.operations;
    const past = { organisationId, personId, minutesPerWeek: 70, effectiveOn: '2021-01-02' };
    await wire.call(GrantTime, past, { token });
    const log = async (on: string, minutes: number): Promise<string> => {
      const entryId = randomUUID();
      await wire.call(LogTime, { organisationId, personId, on, entryId, goalId, minutes }, { token });
      return entryId;
    };
    await log('2020-12-28', 5);
    await log('2021-01-03', 7);
    await log('2021-01-04', 11);
    await log('2021-01-05', 100);
    const rejected = await log('2021-01-04', 500);
    await wire.call(
      RejectTime,
      { organisationId, personId, on: '2021-01-04', entryId: rejected, reasonCode: 'twice' },
      { token },
    );
    const days = { fromOn: '2020-12-28', untilOn: '2021-01-05' };
    await eventually(async () =>
      expect(await wire.call(GetTimeAccount, { organisationId, personId, ...days }, { token })).toEqual({
        weeks: [
          {
            year: 2020,
            week: 53,
            startsOn: '2020-12-28',
            untilOn: '2021-01-04',
            givenMinutes: 20,
            loggedMinutes: 12,
          },
          { year: 2021, week: 1, startsOn: '2021-01-04', untilOn: '2021-01-05', givenMinutes: 10, loggedMinutes: 11 },
        ],
        givenMinutes: 30,
        loggedMinutes: 23,
        rule: 'sevenths-down-plans-even-up-1',
      }),
    );
    const twisted = { organisationId, personId, fromOn: '2021-01-05', untilOn: '2021-01-05' };
    expect(await refusal(wire.call(GetTimeAccount, twisted, { token }))).toBe('invalid-request');
  });

  describe('refuses', () => {
    it('what was not heard of yet, as something to try again', async () => {
      const token = tokens.operations;
      const stranger = { organisationId, personId: randomUUID(), minutesPerWeek: 60, effectiveOn: today() };
      const status = name === 'http' ? 409 : 10; // 10: ABORTED
      await expect(wire.call(GrantTime, stranger, { token })).rejects.toMatchObject({
        problem: 'person-unknown-yet',
        status,
      });
      const personId = await learnerWith();
      const entry = { organisationId, personId, on: today(), entryId: randomUUID(), goalId: randomUUID(), minutes: 5 };
      expect(await refusal(wire.call(LogTime, entry, { token }))).toBe('goal-unknown-yet');
      const plan = { organisationId, goalId: entry.goalId, neededMinutes: 5 };
      expect(await refusal(wire.call(PlanTime, plan, { token }))).toBe('goal-unknown-yet');
      await stage.goal.publish(stage.goal.goal(organisationId, entry.goalId, personId, inDays(9)));
      await eventually(async () => {
        await wire.call(LogTime, entry, { token, requestId: `log-${entry.entryId}` });
      });
      const nowhere = randomUUID();
      const theirs = await stage.roles(nowhere);
      const unheard = { organisationId: nowhere, personId, minutesPerWeek: 60, effectiveOn: today() };
      expect(await refusal(wire.call(GrantTime, unheard, { token: theirs.operations }))).toBe(
        'organisation-unknown-yet',
      );
    });

    it('T6: more than 24 hours a day, the future, and the goal of another', async () => {
      const [goalId, others, ofAll] = [randomUUID(), randomUUID(), randomUUID()];
      await stage.goal.publish(stage.goal.goal(organisationId, ofAll, undefined, inDays(9)));
      await learnerWith([{ goalId: others }]);
      const personId = await learnerWith([{ goalId }]);
      const log = (more: object) =>
        refusal(
          wire.call(
            LogTime,
            { organisationId, personId, on: today(), entryId: randomUUID(), goalId, minutes: 1_000, ...more },
            { token: tokens.integration },
          ),
        );
      expect(await log({ goalId: ofAll })).toBe('nothing');
      expect(await log({ minutes: 441 })).toBe('day-is-full');
      expect(await log({ minutes: 1_441 })).toBe('invalid-request');
      expect(await log({ on: inDays(1) })).toBe('time-in-future');
      expect(await log({ goalId: others, minutes: 1 })).toBe('goal-of-another');
      const plan = { organisationId, goalId: ofAll, neededMinutes: 5 };
      expect(await refusal(wire.call(PlanTime, plan, { token: tokens.manager }))).toBe('goal-without-learner');
    });

    it("anything new about who was erased, a learner in another's time, a manager in the past", async () => {
      const goalId = randomUUID();
      const personId = await learnerWith([{ goalId }]);
      const other = await tokens.learner(randomUUID());
      const entry = { organisationId, personId, on: today(), entryId: randomUUID(), goalId, minutes: 5 };
      expect(await refusal(wire.call(LogTime, entry, { token: other }))).toBe('person-not-found');
      const asked = { organisationId, personId, neededMinutes: 5, dueOn: today() };
      expect(await refusal(wire.call(GetFeasibility, asked, { token: other }))).toBe('person-not-found');
      expect(await refusal(wire.call(LogTime, entry, { token: tokens.billing }))).toBe('role-not-allowed');
      expect(await refusal(grant(personId, 60, inDays(-1)))).toBe('grant-in-past');
      await stage.assignCoach(organisationId, personId, tokens.coachId);
      const accepted = await wire.call(LogTime, entry, { token: tokens.coach, requestId: `once-${personId}` });
      await stage.goal.publish(stage.goal.personErased(organisationId, personId));
      await eventually(async () => expect(await refusal(grant(personId, 60))).toBe('person-erased'));
      const again = await wire.call(LogTime, entry, { token: tokens.coach, requestId: `once-${personId}` });
      expect([accepted.replayed, again]).toEqual([false, { ...accepted, replayed: true }]);
      const stranger = await stage.roles(randomUUID());
      expect(await refusal(wire.call(LogTime, entry, { token: stranger.manager }))).toBe('not-found');
    });
  });
});
