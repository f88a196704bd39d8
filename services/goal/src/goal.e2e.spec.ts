import { randomUUID } from 'node:crypto';
import { contractProblems, type Wire } from '@oppi/service/testing';
import { AcceptEvidence } from './features/verify-evidence/accept-evidence.command';
import { AddPerson } from './features/add-person/add-person.command';
import { AgreeGoal } from './features/agree-goal/agree-goal.command';
import { DefineTeam } from './features/define-team/define-team.command';
import { ErasePerson } from './features/erase-person/erase-person.command';
import { GetGoal } from './features/goal-view/get-goal.query';
import { GetOrganisation } from './features/register-organisation/get-organisation.query';
import { GetPerson } from './features/person-view/get-person.query';
import { JoinTeam } from './features/membership/join-team.command';
import { LeaveTeam } from './features/membership/leave-team.command';
import { ListGoals } from './features/goal-list/list-goals.query';
import { MissGoal } from './features/miss-goal/miss-goal.command';
import { ProposeGoal } from './features/propose-goal/propose-goal.command';
import { ReferEvidence } from './features/verify-evidence/refer-evidence.command';
import { RegisterOrganisation } from './features/register-organisation/register-organisation.command';
import { RejectEvidence } from './features/verify-evidence/reject-evidence.command';
import { ReportProgress } from './features/report-progress/report-progress.command';
import { SubmitEvidence } from './features/submit-evidence/submit-evidence.command';
import { VoidEvidence } from './features/void-evidence/void-evidence.command';
import { WithdrawGoal } from './features/withdraw-goal/withdraw-goal.command';
import { goalOperations } from './goal.operations';
import { type GoalStage, goalOnStage } from './goal-stage.fixtures';

let stage: GoalStage;
beforeAll(async () => {
  stage = await goalOnStage();
});
afterAll(() => stage.leave());

it('binds every rpc of the contract, with the same fields', () => {
  const contract = {
    service: 'goal.v1.GoalService',
    protos: ['goal/v1/goal_service.proto'],
    boundElsewhere: ['Import'],
  };
  expect(contractProblems(goalOperations, contract)).toEqual([]);
});

const eventually = async (check: () => Promise<void>): Promise<void> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await check();
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
};

describe.each(['http', 'grpc'] as const)('goal over %s', (name) => {
  let wire: Wire;
  let tokens: Awaited<ReturnType<GoalStage['roles']>>;
  const organisationId = randomUUID();
  const [teamId, personId] = [randomUUID(), randomUUID()];
  const dueOn = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);

  beforeAll(async () => {
    wire = stage.wires[name];
    tokens = await stage.roles(organisationId);
    await wire.call(
      RegisterOrganisation,
      { organisationId, timeZone: 'Europe/Helsinki', currency: 'EUR' },
      { token: tokens.operations },
    );
    await wire.call(DefineTeam, { organisationId, teamId, name: 'Cloud team' }, { token: tokens.manager });
    await wire.call(AddPerson, { organisationId, personId, name: 'Zzyzx Qwertyson' }, { token: tokens.integration });
    await wire.call(JoinTeam, { organisationId, personId, teamId }, { token: tokens.operations });
    await stage.assignCoach(organisationId, personId, tokens.coachId);
  });

  const propose = async (more: object = {}): Promise<string> => {
    const goalId = randomUUID();
    const criteria = [{ criterionId: 'pass', evidenceKind: 'test' }];
    const input = {
      organisationId,
      goalId,
      personId,
      teamId,
      statement: 'Runs a cluster alone',
      dueOn,
      criteria,
      ...more,
    };
    await wire.call(ProposeGoal, input, { token: tokens.operations });
    return goalId;
  };
  const agreed = async (more: object = {}): Promise<string> => {
    const goalId = await propose(more);
    await wire.call(AgreeGoal, { organisationId, goalId }, { token: tokens.operations });
    await wire.call(AgreeGoal, { organisationId, goalId }, { token: tokens.sponsor });
    return goalId;
  };
  const withEvidence = async (
    more: object = {},
  ): Promise<{ organisationId: string; goalId: string; evidenceId: string }> => {
    const evidence = { organisationId, goalId: await agreed(more), evidenceId: randomUUID() };
    await wire.call(SubmitEvidence, { ...evidence, kind: 'test' }, { token: tokens.coach });
    return evidence;
  };
  const read = (goalId: string, token = tokens.operations) => wire.call(GetGoal, { organisationId, goalId }, { token });

  it('leads a goal from proposal to attainment on verified evidence', async () => {
    const evidence = await withEvidence({ milestones: [{ milestoneId: 'm-1', weightBasisPoints: 0 }] });
    const { goalId, evidenceId } = evidence;
    await wire.call(
      ReportProgress,
      { organisationId, goalId, milestoneId: 'm-1', percent: 0 },
      { token: await tokens.learner(personId) },
    );
    expect(await read(goalId)).toMatchObject({
      status: 'agreed',
      progressReports: 1,
      statement: 'Runs a cluster alone',
    });
    const accepted = await wire.call(
      AcceptEvidence,
      { ...evidence, criterionIds: ['pass'] },
      { token: tokens.verifier },
    );
    const goal = await read(goalId);
    expect(goal).toMatchObject({
      status: 'attained',
      version: accepted.version,
      personId,
      teamId,
      criteria: [{ criterionId: 'pass', evidenceKind: 'test', metBy: [evidenceId] }],
      milestones: [{ milestoneId: 'm-1', weightBasisPoints: 0 }],
      evidence: [{ evidenceId, kind: 'test', status: 'accepted' }],
    });
    expect(goal.outcomeOn).toBe(goal.agreedOn);
  });

  it('E3 E5: voids evidence for ever and revokes what rested on it, once', async () => {
    const evidence = await withEvidence();
    await wire.call(AcceptEvidence, { ...evidence, criterionIds: ['pass'] }, { token: tokens.verifier });
    await wire.call(
      VoidEvidence,
      { ...evidence, reasonCode: 'forged', comment: 'signature is false' },
      { token: tokens.operations },
    );
    const goal = await read(evidence.goalId);
    expect(goal).toMatchObject({ status: 'agreed', evidence: [{ status: 'voided', comment: 'signature is false' }] });
    expect(goal.outcomeOn).toBeUndefined();
    const again = wire.call(VoidEvidence, { ...evidence, reasonCode: 'forged' }, { token: tokens.operations });
    await expect(again).rejects.toMatchObject({ problem: 'evidence-already-voided' });
  });

  it('E13: refers with a date, rejects with a reason', async () => {
    const referred = await withEvidence();
    await wire.call(ReferEvidence, { ...referred, respondBy: dueOn, comment: 'say more' }, { token: tokens.verifier });
    expect((await read(referred.goalId)).evidence).toMatchObject([{ status: 'referred', comment: 'say more' }]);
    await wire.call(RejectEvidence, { ...referred, comment: 'not yours' }, { token: tokens.verifier });
    expect((await read(referred.goalId)).evidence).toMatchObject([{ status: 'rejected', comment: 'not yours' }]);
  });

  it('GDPR-15: who reads a remark on evidence leaves a note, who reads the goal alone does not', async () => {
    const referred = await withEvidence();
    await read(referred.goalId);
    await wire.call(ReferEvidence, { ...referred, respondBy: dueOn, comment: 'say more' }, { token: tokens.verifier });
    await read(referred.goalId, tokens.sponsor);
    const { rows } = await stage.database.pool.query(
      `select operation, actor_role, places from text_reads where organisation_id = $1 and places::text like $2`,
      [organisationId, `%goal-${referred.goalId}/%`],
    );
    const places = [`goal-${referred.goalId}/evidence-${referred.evidenceId}/referred`];
    expect(rows).toEqual([{ operation: 'GetGoal', actor_role: 'sponsor', places }]);
  });

  it('withdraws, and misses on accepted evidence', async () => {
    const withdrawn = await agreed();
    await wire.call(
      WithdrawGoal,
      { organisationId, goalId: withdrawn, reasonCode: 'new-role' },
      { token: tokens.manager },
    );
    expect((await read(withdrawn)).status).toBe('withdrawn');
    const failed = await withEvidence();
    await wire.call(AcceptEvidence, { ...failed }, { token: tokens.verifier });
    await wire.call(MissGoal, { ...failed }, { token: tokens.verifier });
    expect((await read(failed.goalId)).status).toBe('missed');
  });

  it('ends a membership, on the same day too', async () => {
    const leaver = randomUUID();
    await wire.call(AddPerson, { organisationId, personId: leaver }, { token: tokens.operations });
    await wire.call(JoinTeam, { organisationId, personId: leaver, teamId }, { token: tokens.operations });
    await wire.call(LeaveTeam, { organisationId, personId: leaver, teamId }, { token: tokens.operations });
    const { memberships } = await wire.call(GetPerson, { organisationId, personId: leaver }, { token: tokens.manager });
    expect(memberships).toHaveLength(1);
    expect(memberships[0]?.untilOn).toBe(memberships[0]?.fromOn);
  });

  it('GDPR-06 I7: erases a person: texts are gone, goals and proof stay readable', async () => {
    const erased = randomUUID();
    await wire.call(
      AddPerson,
      { organisationId, personId: erased, name: 'Gone Soon', email: 'gone@example.org' },
      { token: tokens.operations },
    );
    await wire.call(JoinTeam, { organisationId, personId: erased, teamId }, { token: tokens.operations });
    await stage.assignCoach(organisationId, erased, tokens.coachId);
    const evidence = await withEvidence({ personId: erased, statement: 'Learns to let go' });
    await wire.call(AcceptEvidence, { ...evidence, criterionIds: ['pass'] }, { token: tokens.verifier });
    await wire.call(ErasePerson, { organisationId, personId: erased }, { token: tokens.operations });
    const person = await wire.call(GetPerson, { organisationId, personId: erased }, { token: tokens.operations });
    expect(person).toMatchObject({ erased: true });
    expect([person.name, person.email, (await read(evidence.goalId)).statement]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect((await read(evidence.goalId)).status).toBe('attained');
    const after = wire.call(JoinTeam, { organisationId, personId: erased, teamId }, { token: tokens.operations });
    await expect(after).rejects.toMatchObject({ problem: 'person-erased' });
  });

  it('lists goals a page at a time, a learner only own ones', async () => {
    const organisation = randomUUID();
    const theirs = await stage.roles(organisation);
    await wire.call(
      RegisterOrganisation,
      { organisationId: organisation, timeZone: 'UTC', currency: 'EUR' },
      { token: theirs.operations },
    );
    const criteria = [{ criterionId: 'any' }];
    for (let i = 0; i < 5; i += 1)
      await wire.call(
        ProposeGoal,
        { organisationId: organisation, goalId: randomUUID(), statement: 'A goal of all', dueOn, criteria },
        { token: theirs.sponsor },
      );
    await eventually(async () => {
      const all = await wire.call(ListGoals, { organisationId: organisation }, { token: theirs.operations });
      expect(all.goals).toHaveLength(5);
    });
    const first = await wire.call(ListGoals, { organisationId: organisation, limit: 3 }, { token: theirs.operations });
    const cursor = String(first.nextCursor);
    const rest = await wire.call(
      ListGoals,
      { organisationId: organisation, limit: 3, cursor },
      { token: theirs.operations },
    );
    expect(new Set([...first.goals, ...rest.goals].map((goal) => goal.goalId)).size).toBe(5);
    expect(rest.nextCursor).toBeUndefined();
    const none = await wire.call(
      ListGoals,
      { organisationId: organisation },
      { token: await theirs.learner(randomUUID()) },
    );
    expect(none.goals).toEqual([]);
    const elsewhere = wire.call(ListGoals, { organisationId, cursor }, { token: tokens.operations });
    await expect(elsewhere).rejects.toMatchObject({ problem: 'cursor-invalid' });
  });

  describe('refuses', () => {
    const refusal = async (call: Promise<unknown>): Promise<string> => {
      try {
        await call;
        return 'nothing';
      } catch (error) {
        return (error as { problem: string }).problem;
      }
    };

    it('G1: a second proposal, and agreeing twice or by one person alone', async () => {
      const goalId = await propose();
      const token = tokens.operations;
      const again = { organisationId, goalId, statement: 'again', dueOn, criteria: [{ criterionId: 'x' }] };
      expect(await refusal(wire.call(ProposeGoal, again, { token }))).toBe('goal-already-proposed');
      await wire.call(AgreeGoal, { organisationId, goalId }, { token });
      expect(await refusal(wire.call(AgreeGoal, { organisationId, goalId }, { token }))).toBe(
        'goal-party-already-agreed',
      );
      const actorId = randomUUID();
      const both = await propose();
      const operations = await stage.issuer.token('operations', randomUUID(), { actorId, clients: '*' });
      const sponsor = await stage.issuer.token('sponsor', organisationId, { actorId });
      await wire.call(AgreeGoal, { organisationId, goalId: both }, { token: operations });
      expect(await refusal(wire.call(AgreeGoal, { organisationId, goalId: both }, { token: sponsor }))).toBe(
        'goal-needs-two-actors',
      );
    });

    it('E4: a verifier who learns or submitted', async () => {
      const { goalId, evidenceId } = await withEvidence();
      const learner = await stage.issuer.token('verifier', randomUUID(), { actorId: personId, clients: '*' });
      const accept = { organisationId, goalId, evidenceId, criterionIds: ['pass'] };
      expect(await refusal(wire.call(AcceptEvidence, accept, { token: learner }))).toBe('verifier-not-independent');
      expect((await read(goalId)).status).toBe('agreed');
    });

    it('unknown things, wrong roles, bad input and a stale version, and changes nothing', async () => {
      const goalId = await agreed();
      const { version } = await read(goalId);
      const at = { organisationId, goalId };
      const token = tokens.operations;
      const unknown = { organisationId, goalId: randomUUID() };
      expect(await refusal(wire.call(AgreeGoal, unknown, { token }))).toBe('goal-not-found');
      expect(await refusal(wire.call(AgreeGoal, at, { token }))).toBe('goal-already-agreed');
      expect(await refusal(wire.call(ReportProgress, { ...at, milestoneId: 'none' }, { token }))).toBe(
        'milestone-unknown',
      );
      expect(await refusal(wire.call(ReportProgress, { ...at, percent: 101 }, { token }))).toBe('invalid-request');
      expect(await refusal(wire.call(ReportProgress, { ...at, occurredAt: '2199-01-01T00:00:00Z' }, { token }))).toBe(
        'occurred-in-future',
      );
      expect(await refusal(wire.call(AgreeGoal, { ...at, dateUnknown: true }, { token }))).toBe(
        'date-unknown-only-in-history',
      );
      expect(await refusal(wire.call(WithdrawGoal, { ...at, reasonCode: 'x' }, { token, expectedVersion: 1 }))).toBe(
        'version-stale',
      );
      expect(await refusal(wire.call(WithdrawGoal, { ...at, reasonCode: 'x' }, { token: tokens.billing }))).toBe(
        'role-not-allowed',
      );
      expect(await refusal(wire.call(WithdrawGoal, { ...at, reasonCode: 'x' }, { token, requestId: null }))).toBe(
        'idempotency-key-required',
      );
      const elsewhere = { organisationId, timeZone: 'Mars/Olympus', currency: 'EUR' };
      expect(await refusal(wire.call(RegisterOrganisation, elsewhere, { token }))).toBe('invalid-request');
      const stranger = {
        organisationId,
        goalId: randomUUID(),
        personId: randomUUID(),
        statement: 's',
        dueOn,
        criteria: [{ criterionId: 'x' }],
      };
      expect(await refusal(wire.call(ProposeGoal, stranger, { token }))).toBe('person-unknown');
      expect(await read(goalId)).toMatchObject({ version });
    });

    it("another organisation's token as if nothing were there", async () => {
      const other = await stage.roles(randomUUID());
      expect(await refusal(wire.call(GetOrganisation, { organisationId }, { token: other.sponsor }))).toBe('not-found');
      expect(await refusal(wire.call(GetOrganisation, { organisationId }, { token: other.operations }))).toBe(
        'not-found',
      );
    });
  });

  it('IDEM-04: runs one of 50 equal calls at the same time, and answers all alike', async () => {
    const goalId = await agreed();
    const call = () =>
      wire.call(
        WithdrawGoal,
        { organisationId, goalId, reasonCode: 'left' },
        { token: tokens.operations, requestId: `at-once-${goalId}` },
      );
    const answers = await Promise.all(Array.from({ length: 50 }, call));
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(new Set(answers.map(({ version, position }) => `${version} ${position}`)).size).toBe(1);
  });

  it('CONC-03: of 20 writers that saw the same version one succeeds, and 19 hear that it is stale', async () => {
    const goalId = await agreed();
    const { version } = await wire.call(GetGoal, { organisationId, goalId }, { token: tokens.operations });
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, () =>
        wire.call(
          WithdrawGoal,
          { organisationId, goalId, reasonCode: 'left' },
          { token: tokens.operations, expectedVersion: version },
        ),
      ),
    );
    const stale = answers.filter(
      (each) => (each as { reason?: { problem?: string } }).reason?.problem === 'version-stale',
    );
    expect([answers.filter(({ status }) => status === 'fulfilled').length, stale.length]).toEqual([1, 19]);
    expect(await wire.call(GetGoal, { organisationId, goalId }, { token: tokens.operations })).toMatchObject({
      version: version + 1,
    });
  });

  it('IDEM-03: answers the same key the same, and refuses it for another command', async () => {
    const goalId = await agreed();
    const call = (reasonCode: string) =>
      wire.call(
        WithdrawGoal,
        { organisationId, goalId, reasonCode },
        { token: tokens.operations, requestId: `key-${goalId}` },
      );
    const first = await call('left');
    expect(await call('left')).toEqual({ ...first, replayed: true });
    await expect(call('other')).rejects.toMatchObject({ problem: 'idempotency-key-in-use' });
  });
});
