import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Wire } from '@oppi/service/testing';
import { ListParkedMessages, RedriveParkedMessages } from '@oppi/intake';
import { aClient, inDays } from './client.fixtures';
import { AcceptEvidence } from './features/verify-evidence/accept-evidence.command';
import { FindGap } from './features/vision/find-gap.command';
import { GetLineOfSight } from './features/vision/get-line-of-sight.query';
import { GetWorklist } from './features/worklist/get-worklist.query';
import { MissGoal } from './features/miss-goal/miss-goal.command';
import { ReferEvidence } from './features/verify-evidence/refer-evidence.command';
import { RejectEvidence } from './features/verify-evidence/reject-evidence.command';
import { StateVision } from './features/vision/state-vision.command';
import { SubmitEvidence } from './features/submit-evidence/submit-evidence.command';
import { WithdrawGoal } from './features/withdraw-goal/withdraw-goal.command';
import { type GoalStage, goalOnStage } from './goal-stage.fixtures';

jest.setTimeout(30_000);

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
      if (attempt === 200) throw error;
      await pause(50);
    }
  }
};

describe.each(['http', 'grpc'] as const)('over %s', (name) => {
  let wire: Wire;
  let client: Awaited<ReturnType<typeof aClient>>;
  beforeEach(async () => {
    wire = stage.wires[name];
    client = await aClient(stage, wire);
  });

  const gap = (more: object = {}) => ({
    gapId: randomUUID(),
    competence: 'Cloud operations',
    currentLevel: 0,
    targetLevel: 3,
    route: 'build' as const,
    core: true,
    ...more,
  });

  describe('the line of sight', () => {
    it('K6: goes from the vision stated last over the gaps to the goals that close them', async () => {
      const { organisationId, teamId, personId, tokens } = client;
      const token = tokens.operations;
      const read = (as = token) => wire.call(GetLineOfSight, { organisationId }, { token: as });
      expect(await read()).toEqual({ gaps: [] });
      await wire.call(StateVision, { organisationId, text: 'Be known' }, { token: tokens.sponsor });
      await wire.call(StateVision, { organisationId, text: 'Run it all\nourselves' }, { token });
      const known = gap({ teamId });
      const unassessed = gap({ competence: 'Budgeting', currentLevel: undefined, core: false });
      for (const each of [known, unassessed])
        await wire.call(FindGap, { organisationId, ...each }, { token: tokens.coach });
      const goalId = await client.agreed({ gapId: known.gapId });
      const proposed = await client.proposed({ gapId: known.gapId, dueOn: inDays(31) });
      expect((await client.goal(goalId)).gapId).toBe(known.gapId);
      await eventually(async () => {
        const { vision, gaps } = await read(tokens.manager);
        expect(vision).toMatchObject({ text: 'Run it all\nourselves', visionNo: 2 });
        const goals = [
          { goalId, status: 'agreed', personId, teamId, dueOn: inDays(30), version: 4 },
          { goalId: proposed, status: 'proposed', personId, teamId, dueOn: inDays(31), version: 1 },
        ];
        const { currentLevel: _notAssessed, ...rest } = unassessed;
        expect(gaps).toEqual([
          { ...rest, goals: [] },
          { ...known, goals },
        ]);
      });
      const { rows } = await stage.database.pool.query(`select 1 from events where data::text like '%ourselves%'`);
      expect(rows).toEqual([]);
    });

    it('refuses what is no gap, and goals for one that is not there', async () => {
      const { organisationId, tokens } = client;
      const refused = (more: object) =>
        wire.call(FindGap, { organisationId, ...gap(more) }, { token: tokens.manager }).then(
          () => 'nothing',
          (error: unknown) => (error as { problem: string }).problem,
        );
      expect(await refused({ currentLevel: 3 })).toBe('no-gap');
      expect(await refused({ targetLevel: 6 })).toBe('invalid-request');
      expect(await refused({ teamId: randomUUID() })).toBe('team-unknown');
      await expect(client.proposed({ gapId: randomUUID() })).rejects.toMatchObject({ problem: 'gap-unknown' });
    });
  });

  const submitted = async (goalId: string): Promise<{ organisationId: string; goalId: string; evidenceId: string }> => {
    const evidence = { organisationId: client.organisationId, goalId, evidenceId: randomUUID() };
    await wire.call(SubmitEvidence, { ...evidence, kind: 'test' }, { token: client.tokens.operations });
    return evidence;
  };

  it('the worklist shows what waits for a verifier, the oldest first, and nothing of goals that ended', async () => {
    const { organisationId, tokens } = client;
    const token = tokens.operations;
    const [first, second] = [await submitted(await client.agreed()), await submitted(await client.agreed())];
    const [accepted, ended] = [await submitted(await client.agreed()), await submitted(await client.agreed())];
    await wire.call(ReferEvidence, { ...first, respondBy: inDays(3) }, { token: tokens.verifier });
    await wire.call(AcceptEvidence, { ...accepted, criterionIds: [] }, { token: tokens.verifier });
    await wire.call(WithdrawGoal, { organisationId, goalId: ended.goalId, reasonCode: 'left' }, { token });
    await eventually(async () => {
      const list = await wire.call(GetWorklist, { organisationId }, { token });
      expect(list).toMatchObject({ overdueGoals: [], overdueGoalsTotal: 0, parkedMessages: 0 });
      expect(list.unverifiedEvidence.map(({ evidenceId, status, kind }) => [evidenceId, status, kind])).toEqual([
        [first.evidenceId, 'referred', 'test'],
        [second.evidenceId, 'submitted', 'test'],
      ]);
      expect(list.unverifiedEvidenceTotal).toBe(2);
    });
    const asCoach = wire.call(GetWorklist, { organisationId }, { token: tokens.coach });
    await expect(asCoach).rejects.toMatchObject({ problem: 'role-not-allowed' });
  });

  const followed = async (personId: string, types: string[]): Promise<void> =>
    eventually(async () => {
      const { rows } = await stage.database.pool.query<{ type: string }>(
        `select type from events where stream_id = $1 and type like 'LearnersCoach%' order by version`,
        [`person-${personId}`],
      );
      expect(rows.map(({ type }) => type)).toEqual(types);
    });

  it('E4: the coach of the learner verifies nothing, as long as coaching says so', async () => {
    const { coaching } = stage;
    const { organisationId, personId } = client;
    const actorId = randomUUID();
    const token = await stage.issuer.token('verifier', randomUUID(), { actorId, clients: [organisationId] });
    const evidence = await submitted(await client.agreed());
    // Twice on the bus is one fact; a stranger is passed over.
    await coaching.publish(organisationId, coaching.assigned(randomUUID(), actorId, inDays(0)));
    await coaching.publish(organisationId, coaching.assigned(personId, actorId, inDays(0)), 2);
    await followed(personId, ['LearnersCoachAssigned']);
    for (const attempt of [
      wire.call(AcceptEvidence, { ...evidence, criterionIds: [] }, { token }),
      wire.call(ReferEvidence, { ...evidence, respondBy: inDays(3) }, { token }),
      wire.call(RejectEvidence, { ...evidence, comment: 'no' }, { token }),
    ])
      await expect(attempt).rejects.toMatchObject({ problem: 'verifier-not-independent' });
    await wire.call(AcceptEvidence, { ...evidence, criterionIds: [] }, { token: client.tokens.verifier });
    await expect(wire.call(MissGoal, evidence, { token })).rejects.toMatchObject({
      problem: 'verifier-not-independent',
    });
    await coaching.publish(organisationId, coaching.unassigned(personId, actorId, inDays(-1)));
    await followed(personId, ['LearnersCoachAssigned', 'LearnersCoachUnassigned']);
    await wire.call(MissGoal, evidence, { token });
    expect((await client.goal(evidence.goalId)).status).toBe('missed');
  });

  it('a message that cannot be read is parked, shown, and tried again on request', async () => {
    const { organisationId, personId, tokens } = client;
    const token = tokens.operations;
    await stage.coaching.publish(organisationId, stage.coaching.unreadable(personId));
    await eventually(async () => {
      expect((await wire.call(GetWorklist, { organisationId }, { token })).parkedMessages).toBe(1);
    });
    const { messages } = await wire.call(ListParkedMessages, { organisationId }, { token });
    expect(messages).toMatchObject([{ topic: 'coaching.events.v1', subject: `learner-${personId}` }]);
    const redriven = await wire.call(RedriveParkedMessages, { organisationId }, { token });
    expect(redriven).toEqual({ redriven: 0, stillParked: 1 });
  });
});

it('the worklist shows overdue goals, the longest first', async () => {
  const wire = stage.wires.http;
  const client = await aClient(stage, wire);
  const { organisationId, tokens } = client;
  const token = tokens.operations;
  const [later, sooner] = [await client.agreed({ dueOn: inDays(3) }), await client.agreed({ dueOn: inDays(2) })];
  const now = new Date(Date.now() + 6 * 86_400_000).toISOString();
  await fetch(`http://127.0.0.1:${stage.service.httpPort}/goal/v1/clock`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ now }),
  });
  await eventually(async () => {
    const list = await wire.call(GetWorklist, { organisationId }, { token });
    expect(list.overdueGoals.map(({ goalId, status }) => [goalId, status])).toEqual([
      [sooner, 'overdue'],
      [later, 'overdue'],
    ]);
    expect(list.overdueGoalsTotal).toBe(2);
  });
});
