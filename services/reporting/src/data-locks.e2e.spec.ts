import { randomUUID } from 'node:crypto';
import type { Wire } from '@oppi/service/testing';
import { GetStatement } from './features/statements/get-statement.query';
import { GetWorklist } from './features/worklist/get-worklist.query';
import { IssueStatement } from './features/issue-statement/issue-statement.command';
import { ListCharges } from './features/charges/list-charges.query';
import { ListCommitments } from './features/commitments/list-commitments.query';
import { ListStatements } from './features/statements/list-statements.query';
import { ReleaseCharge } from './features/release-charge/release-charge.command';
import { says } from './goal-and-coaching-say.fixtures';
import { aClient, reportingOnStage, type ReportingStage, type TestClient } from './reporting-stage.fixtures';

let stage: ReportingStage;
beforeAll(async () => {
  stage = await reportingOnStage();
});
afterAll(() => stage.leave());

describe.each(['http', 'grpc'] as const)('data locks over %s', (name) => {
  let wire: Wire;
  beforeAll(() => {
    wire = stage.wire(name);
  });
  const linesOf = async ({ organisationId, tokens }: TestClient) =>
    (await wire.call(ListCharges, { organisationId }, { token: tokens.billing })).lines;
  const worklist = ({ organisationId, tokens }: TestClient) =>
    wire.call(GetWorklist, { organisationId }, { token: tokens.operations });
  const draft = async ({ organisationId, tokens }: TestClient, period: string) =>
    (await wire.call(GetStatement, { organisationId, period }, { token: tokens.billing })).statement;
  const release = ({ organisationId, tokens }: TestClient, lineId: string) =>
    wire.call(ReleaseCharge, { organisationId, lineId, reasonCode: 'looked-at' }, { token: tokens.operations });
  const issue = ({ organisationId, tokens }: TestClient, period: string) =>
    wire.call(IssueStatement, { organisationId, period }, { token: tokens.billing });

  /** A goal attained on evidence that its verifier accepted. */
  const attained = async (verifier: string) => {
    const client = await aClient(stage, 1);
    const [goalId] = client.goalIds as [string];
    const evidenceId = randomUUID();
    await client.say(
      says.commitment(client.commitmentId, client.goalIds),
      says.evidence(goalId, evidenceId, '2026-03-10', { by: verifier }),
    );
    return { client, goalId, attainment: says.attained(goalId, '2026-03-10', { evidenceIds: [evidenceId] }) };
  };

  it('A12 E4: holds a charge back whose verifier was the coach, and bills it in the open month once released', async () => {
    const verifier = randomUUID();
    const { client, attainment } = await attained(verifier);
    await client.say(says.coach(client.personId, verifier, '2026-03-10'));
    await stage.settled();
    await client.say(attainment);
    await stage.settled();
    const [locked] = await linesOf(client);
    expect(locked).toMatchObject({ lockCode: 'verifier-was-coach', amountMinor: '4990' });
    expect(locked?.period).toBeUndefined();
    expect(await worklist(client)).toMatchObject({
      lockedChargesTotal: 1,
      lockedCharges: [locked],
      periodsToIssue: [],
    });
    expect(await draft(client, '2026-03')).toMatchObject({ lines: 0, lockedLines: 1, netMinor: '0' });
    await issue(client, '2026-04');
    await release(client, locked!.lineId);
    await stage.settled();
    expect(await linesOf(client)).toMatchObject([{ period: '2026-05', deliveryPeriod: '2026-03' }]);
    expect(await draft(client, '2026-05')).toMatchObject({ lines: 1, lockedLines: 0, netMinor: '4990' });
    // What the closed month said stays said.
    expect(await draft(client, '2026-04')).toMatchObject({ status: 'issued', lines: 0, lockedLines: 1 });
    await expect(release(client, locked!.lineId)).rejects.toMatchObject({ problem: 'charge-not-locked' });
    await expect(release(client, randomUUID())).rejects.toMatchObject({ problem: 'line-not-found' });
  });

  it.each([
    ['coached later', '2026-03-11', undefined],
    ['was another', '2026-03-01', randomUUID()],
  ])('A12: does not hold it back when the verifier %s', async (_case, from, coach) => {
    const verifier = randomUUID();
    const { client, attainment } = await attained(verifier);
    await client.say(says.coach(client.personId, coach ?? verifier, from), attainment);
    await stage.settled();
    expect(await linesOf(client)).toMatchObject([{ period: '2026-03' }]);
  });

  it('A12: takes a charge out again when it is known in time, and only shows it when it is known too late', async () => {
    const [early, late] = [randomUUID(), randomUUID()];
    const inTime = await attained(early);
    const tooLate = await attained(late);
    for (const { client, attainment } of [inTime, tooLate]) await client.say(attainment);
    await stage.settled();
    await issue(tooLate.client, '2026-03');
    expect(await draft(inTime.client, '2026-03')).toMatchObject({ lines: 1, lockedLines: 0 });
    await inTime.client.say(says.coach(inTime.client.personId, early, '2026-01-01'));
    await tooLate.client.say(says.coach(tooLate.client.personId, late, '2026-01-01'));
    await stage.settled();
    expect(await linesOf(inTime.client)).toMatchObject([{ lockCode: 'verifier-was-coach' }]);
    expect(await draft(inTime.client, '2026-03')).toMatchObject({ lines: 0, lockedLines: 1 });
    const [billed] = await linesOf(tooLate.client);
    expect(billed).toMatchObject({ period: '2026-03' });
    expect(await worklist(tooLate.client)).toMatchObject({ lockedChargesTotal: 0, doubtfulCharges: [billed] });
    expect(await draft(tooLate.client, '2026-03')).toMatchObject({ status: 'issued', lines: 1, lockedLines: 0 });
  });

  it('E5: a held charge whose attainment falls is in no month, and no longer to be looked after', async () => {
    const verifier = randomUUID();
    const { client, goalId, attainment } = await attained(verifier);
    await client.say(says.coach(client.personId, verifier, '2026-01-01'));
    await stage.settled();
    await client.say(attainment);
    await stage.settled();
    await client.say(says.revoked(goalId, '2026-03-10', { at: '2026-04-02T00:00:00Z' }));
    await stage.settled();
    const lines = await linesOf(client);
    expect(lines.map(({ kind, period, amountMinor }) => [kind, period, amountMinor])).toEqual([
      ['charge', undefined, '4990'],
      ['reversal', undefined, '-4990'],
    ]);
    expect(await worklist(client)).toMatchObject({ lockedChargesTotal: 0, lockedCharges: [] });
    expect(await draft(client, '2026-10')).toMatchObject({ lines: 0, lockedLines: 0 });
    await expect(release(client, lines[0]!.lineId)).rejects.toMatchObject({ problem: 'charge-reversed' });
  });

  it.each([
    ['price-missing', { priceMinor: '' }],
    ['tax-missing', { vatRateBasisPoints: undefined }],
    ['currency-differs', { currency: 'SEK' }],
  ])('B16: locks as %s, never zero, and cannot be released', async (lockCode, missing) => {
    const client = await aClient(stage, 1);
    await client.say(says.commitment(client.commitmentId, client.goalIds, missing));
    await client.say(says.attained(client.goalIds[0]!, '2026-03-10'));
    await stage.settled();
    const [line] = await linesOf(client);
    expect(line).toMatchObject({ lockCode });
    if (lockCode === 'price-missing') expect(line?.amountMinor).toBeUndefined();
    await expect(release(client, line!.lineId)).rejects.toMatchObject({ problem: 'charge-not-billable' });
  });

  it('B16: bills at a tax rate of zero where that was said', async () => {
    const client = await aClient(stage, 1);
    await client.say(says.commitment(client.commitmentId, client.goalIds, { vatRateBasisPoints: 0 }));
    await client.say(says.attained(client.goalIds[0]!, '2026-03-10'));
    await stage.settled();
    expect(await draft(client, '2026-03')).toMatchObject({ netMinor: '4990', vatMinor: '0', grossMinor: '4990' });
  });

  it('is decided by operations and billing, and read by the client alone', async () => {
    const client = await aClient(stage, 1);
    const { organisationId, tokens } = client;
    await stage.settled();
    const problem = (call: Promise<unknown>): Promise<string> =>
      call.then(
        () => 'nothing',
        (error: unknown) => (error as { problem: string }).problem,
      );
    for (const token of [tokens.sponsor, tokens.manager, tokens.integration]) {
      expect(await problem(wire.call(IssueStatement, { organisationId, period: '2026-03' }, { token }))).toBe(
        'role-not-allowed',
      );
      expect(await problem(wire.call(GetWorklist, { organisationId }, { token }))).toBe('role-not-allowed');
      expect(await problem(wire.call(ListCommitments, { organisationId }, { token }))).toBe('nothing');
    }
    for (const token of [tokens.coach, tokens.learner])
      expect(await problem(wire.call(ListStatements, { organisationId }, { token }))).toBe('role-not-allowed');
    expect(await problem(wire.call(ListCharges, { organisationId }, { token: tokens.stranger }))).toBe('not-found');
  });
});
