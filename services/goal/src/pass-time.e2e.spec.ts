import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type GoalStage, goalOnStage } from './goal-stage.fixtures';
import { AgreeGoal } from './features/agree-goal/agree-goal.command';
import { GetGoal } from './features/goal-view/get-goal.query';
import { ProposeGoal } from './features/propose-goal/propose-goal.command';
import { RegisterOrganisation } from './features/register-organisation/register-organisation.command';

let stage: GoalStage;
beforeAll(async () => {
  stage = await goalOnStage();
});
afterAll(() => stage.leave());

const inDays = (days: number): Date => new Date(Date.now() + days * 86_400_000);

it('G21: a due goal without a decision falls overdue, then is missed, dated at the due date; by the clock alone', async () => {
  const organisationId = randomUUID();
  const tokens = await stage.roles(organisationId);
  const goalId = randomUUID();
  const dueOn = inDays(2).toISOString().slice(0, 10);
  const wire = stage.wires.http;
  const token = tokens.operations;
  await wire.call(RegisterOrganisation, { organisationId, timeZone: 'UTC', currency: 'EUR', graceDays: 5 }, { token });
  await wire.call(
    ProposeGoal,
    { organisationId, goalId, statement: 'In time', dueOn, criteria: [{ criterionId: 'any' }] },
    { token },
  );
  await wire.call(AgreeGoal, { organisationId, goalId }, { token });
  await wire.call(AgreeGoal, { organisationId, goalId }, { token: tokens.sponsor });

  const clockTo = async (now: Date): Promise<void> => {
    const response = await fetch(`http://127.0.0.1:${stage.service.httpPort}/goal/v1/clock`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ now: now.toISOString() }),
    });
    expect(response.status).toBe(200);
  };
  const status = async (): Promise<string> => (await wire.call(GetGoal, { organisationId, goalId }, { token })).status;
  const becomes = async (expected: string): Promise<void> => {
    for (let i = 0; (await status()) !== expected && i < 200; i += 1) await pause(50);
    expect(await status()).toBe(expected);
  };

  expect(await status()).toBe('agreed');
  await clockTo(inDays(4));
  await becomes('overdue');
  await clockTo(inDays(9));
  await becomes('missed');
  const { outcomeOn } = await wire.call(GetGoal, { organisationId, goalId }, { token });
  expect(outcomeOn).toBe(inDays(3).toISOString().slice(0, 10));

  const { rows } = await stage.database.pool.query<{ type: string; role: string; at: string }>(
    `select type, meta -> 'actor' ->> 'role' as role, occurred_at::text as at from events where stream_id = $1 and type in ('GoalFellOverdue', 'GoalMissed')`,
    [`goal-${goalId}`],
  );
  expect(rows.map(({ type, role }) => [type, role])).toEqual([
    ['GoalFellOverdue', 'clock'],
    ['GoalMissed', 'clock'],
  ]);
});
