import { randomUUID } from 'node:crypto';
import type { Wire } from '@oppi/service/testing';
import { aClient, inDays } from './client.fixtures';
import { AgreeCommitment } from './features/commitment/agree-commitment.command';
import { CompleteActivity } from './features/complete-activity/complete-activity.command';
import { ErasePerson } from './features/erase-person/erase-person.command';
import { GetCommitment } from './features/commitment/get-commitment.query';
import { ProposeCommitment } from './features/commitment/propose-commitment.command';
import { ReportProgress } from './features/report-progress/report-progress.command';
import { SubmitEvidence } from './features/submit-evidence/submit-evidence.command';
import { WithdrawGoal } from './features/withdraw-goal/withdraw-goal.command';
import { type GoalStage, goalOnStage } from './goal-stage.fixtures';

let stage: GoalStage;
beforeAll(async () => {
  stage = await goalOnStage();
});
afterAll(() => stage.leave());

describe.each(['http', 'grpc'] as const)('goal over %s', (name) => {
  let wire: Wire;
  let client: Awaited<ReturnType<typeof aClient>>;
  beforeAll(async () => {
    wire = stage.wires[name];
    client = await aClient(stage, wire);
  });

  describe('the activities of a goal', () => {
    const link = 'https://learning.example/cluster?page=2';
    const activities = [
      { activityId: 'read', kind: 'reading', estimatedMinutes: 90, link },
      { activityId: 'try', kind: 'practice', estimatedMinutes: 240 },
    ];

    it('are done by the learner, each once; links go to the vault alone', async () => {
      const goalId = await client.agreed({ activities });
      const { organisationId, personId, tokens } = client;
      const learner = await tokens.learner(personId);
      const at = { organisationId, goalId, activityId: 'try' };
      await wire.call(CompleteActivity, at, { token: learner });
      const { activities: seen } = await client.goal(goalId);
      expect(seen).toEqual([activities[0], { ...activities[1], doneOn: (await client.goal(goalId)).agreedOn }]);
      await expect(wire.call(CompleteActivity, at, { token: learner })).rejects.toMatchObject({
        problem: 'activity-already-done',
      });
      const { rows } = await stage.database.pool.query(
        `select 1 from events where data::text like '%learning.example%'`,
      );
      expect(rows).toEqual([]);
    });

    it('GDPR-06: lose their links with the learner, and keep the rest', async () => {
      const other = await aClient(stage, wire);
      const goalId = await other.agreed({ activities });
      const { organisationId, personId, tokens } = other;
      await wire.call(ErasePerson, { organisationId, personId }, { token: tokens.operations });
      const [first] = (await other.goal(goalId)).activities;
      expect(first).toEqual({ activityId: 'read', kind: 'reading', estimatedMinutes: 90 });
    });

    it.each([
      ['a link that is no web address', [{ ...activities[0], link: 'javascript:alert(1)' }]],
      ['no minutes', [{ ...activities[0], estimatedMinutes: 0 }]],
      ['one id twice', [activities[1], activities[1]]],
    ])('refuses %s', async (_what, wrong) => {
      await expect(client.proposed({ activities: wrong })).rejects.toMatchObject({ problem: 'invalid-request' });
    });

    it("PERM: a learner does nothing on another's goal", async () => {
      const goalId = await client.agreed({ activities });
      const { organisationId, tokens } = client;
      const token = await tokens.learner(randomUUID());
      const at = { organisationId, goalId };
      const evidence = { ...at, evidenceId: randomUUID(), kind: 'test' };
      for (const attempt of [
        wire.call(CompleteActivity, { ...at, activityId: 'try' }, { token }),
        wire.call(ReportProgress, { ...at, percent: 50 }, { token }),
        wire.call(SubmitEvidence, evidence, { token }),
      ])
        await expect(attempt).rejects.toMatchObject({ problem: 'goal-not-found' });
    });
  });

  describe('a commitment', () => {
    it('A1 A2: is proposed, agreed by both parties, and then frozen', async () => {
      const { organisationId, tokens, promise } = client;
      const goalIds = [await client.agreed(), await client.agreed()];
      const commitmentId = await client.promised(goalIds, { threshold: 2 });
      const read = (token: string) => wire.call(GetCommitment, { organisationId, commitmentId }, { token });
      const terms = { commitmentId, ...promise, goalIds, threshold: 2, currency: 'EUR' };
      expect(await read(tokens.billing)).toEqual({ ...terms, status: 'proposed', version: 1 });
      await client.bothAgree(commitmentId);
      const { agreedOn } = await client.goal(String(goalIds[0]));
      await expect(read(tokens.coach)).rejects.toMatchObject({ problem: 'commitment-not-found' });
      await stage.assignCoach(organisationId, client.personId, tokens.coachId);
      expect(await read(tokens.coach)).toEqual({ ...terms, status: 'agreed', agreedOn, version: 4 });
      for (const goalId of goalIds) expect((await client.goal(goalId)).commitmentId).toBe(commitmentId);
      await wire.call(
        WithdrawGoal,
        { organisationId, goalId: String(goalIds[0]), reasonCode: 'left' },
        { token: tokens.manager },
      );
      expect((await read(tokens.sponsor)).goalIds).toEqual(goalIds);
    });

    it('A14: takes no goal that another agreed commitment counts, and then nothing of its list', async () => {
      const [shared, free] = [await client.agreed(), await client.agreed()];
      const [first, second] = [await client.promised([shared]), await client.promised([free, shared])];
      await client.bothAgree(first);
      await expect(client.bothAgree(second)).rejects.toMatchObject({ problem: 'goal-already-promised' });
      expect((await client.goal(shared)).commitmentId).toBe(first);
      expect((await client.goal(free)).commitmentId).toBeUndefined();
      const { status } = await wire.call(
        GetCommitment,
        { organisationId: client.organisationId, commitmentId: second },
        { token: client.tokens.operations },
      );
      expect(status).toBe('proposed');
    });

    it('A2: is agreed only on goals that are agreed and open', async () => {
      const { organisationId, tokens } = client;
      const proposed = await client.promised([await client.proposed()]);
      await expect(client.bothAgree(proposed)).rejects.toMatchObject({ problem: 'goal-not-agreed' });
      const goalId = await client.agreed();
      const ended = await client.promised([goalId]);
      await wire.call(WithdrawGoal, { organisationId, goalId, reasonCode: 'left' }, { token: tokens.manager });
      await expect(client.bothAgree(ended)).rejects.toMatchObject({ problem: 'goal-ended' });
    });

    it('IDEM: answers an agreement sent twice the same, and refuses a party twice', async () => {
      const { organisationId, tokens } = client;
      const commitmentId = await client.promised([await client.agreed()]);
      const at = { organisationId, commitmentId };
      const as = { token: tokens.operations, requestId: `agree-${commitmentId}` };
      const first = await wire.call(AgreeCommitment, at, as);
      expect(await wire.call(AgreeCommitment, at, as)).toEqual({ ...first, replayed: true });
      await expect(wire.call(AgreeCommitment, at, { token: tokens.operations })).rejects.toMatchObject({
        problem: 'commitment-party-already-agreed',
      });
    });

    it('A1 B16: refuses what is no promise', async () => {
      const goalId = await client.agreed();
      const { organisationId, tokens } = client;
      const refused = async (goalIds: string[], more: object): Promise<unknown> =>
        client.promised(goalIds, more).then(
          () => 'nothing',
          (error: unknown) => (error as { problem: string }).problem,
        );
      expect(await refused([goalId], { vatRateBasisPoints: undefined })).toBe('invalid-request');
      expect(await refused([goalId], { vatRateBasisPoints: 10_001 })).toBe('invalid-request');
      expect(await refused([goalId], { priceMinor: '49.90' })).toBe('invalid-request');
      expect(await refused([goalId, goalId], {})).toBe('invalid-request');
      expect(await refused([goalId], { threshold: 2 })).toBe('threshold-above-list');
      expect(await refused([goalId], { dueOn: inDays(29) })).toBe('goal-due-after-commitment');
      expect(await refused([goalId], { dueOn: '2020-01-01' })).toBe('commitment-due-in-past');
      expect(await refused([randomUUID()], {})).toBe('goal-not-found');
      const unknown = { organisationId, commitmentId: randomUUID() };
      await expect(wire.call(AgreeCommitment, unknown, { token: tokens.sponsor })).rejects.toMatchObject({
        problem: 'commitment-not-found',
      });
      const terms = { ...client.promise, goalIds: [goalId], threshold: 1 };
      await expect(
        wire.call(ProposeCommitment, { ...unknown, ...terms }, { token: tokens.sponsor }),
      ).rejects.toMatchObject({ problem: 'role-not-allowed' });
    });
  });
});

it('A14: two commitments agreed at once share no goal', async () => {
  const wire = stage.wires.grpc;
  const client = await aClient(stage, wire);
  const goalIds = [await client.agreed(), await client.agreed()];
  const both = [await client.promised(goalIds), await client.promised([...goalIds].reverse())];
  const { organisationId, tokens } = client;
  for (const commitmentId of both)
    await wire.call(AgreeCommitment, { organisationId, commitmentId }, { token: tokens.operations });
  const answers = await Promise.allSettled(
    both.map((commitmentId) => wire.call(AgreeCommitment, { organisationId, commitmentId }, { token: tokens.sponsor })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const counted = await Promise.all(goalIds.map(async (goalId) => (await client.goal(goalId)).commitmentId));
  expect(new Set(counted).size).toBe(1);
});
