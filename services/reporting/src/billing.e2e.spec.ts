import { createHash } from 'node:crypto';
import type { Wire } from '@oppi/service/testing';
import { ExplainLine } from './features/explain-charges/explain-line.query';
import { ExplainStatement } from './features/explain-charges/explain-statement.query';
import { GetStatement } from './features/statements/get-statement.query';
import { GetStatementDocument } from './features/statements/get-statement-document.query';
import { GetWorklist } from './features/worklist/get-worklist.query';
import { documentOf } from './features/issue-statement/statement-document';
import { IssueStatement } from './features/issue-statement/issue-statement.command';
import { ListCharges } from './features/charges/list-charges.query';
import { ListCommitments } from './features/commitments/list-commitments.query';
import { ListStatements } from './features/statements/list-statements.query';
import { RebuildReadModels } from './features/rebuild-read-models/rebuild-read-models.command';
import { LedgerReader } from './ledger/ledger-reader';
import { PRICE, says } from './goal-and-coaching-say.fixtures';
import {
  aClient,
  eventually,
  reportingOnStage,
  type ReportingStage,
  type TestClient,
} from './reporting-stage.fixtures';

let stage: ReportingStage;
beforeAll(async () => {
  stage = await reportingOnStage();
});
afterAll(() => stage.leave());

describe.each(['http', 'grpc'] as const)('billing over %s', (name) => {
  let wire: Wire;
  beforeAll(() => {
    wire = stage.wire(name);
  });
  const linesOf = async ({ organisationId, tokens }: TestClient) =>
    (await wire.call(ListCharges, { organisationId }, { token: tokens.billing })).lines;
  const issue = ({ organisationId, tokens }: TestClient, period: string, requestId?: string) =>
    wire.call(IssueStatement, { organisationId, period }, { token: tokens.billing, ...(requestId && { requestId }) });
  const issued = async ({ organisationId, tokens }: TestClient, period: string) =>
    wire.call(GetStatementDocument, { organisationId, period }, { token: tokens.sponsor });
  const standing = async ({ organisationId, tokens }: TestClient, more: object = {}) =>
    (await wire.call(ListCommitments, { organisationId, ...more }, { token: tokens.sponsor })).commitments[0];

  it('B1 B3: charges each attainment once, in the month it was earned', async () => {
    const client = await aClient(stage, 3);
    const { goalIds, commitmentId, say } = client;
    await say(
      says.commitment(commitmentId, goalIds),
      says.attained(goalIds[0]!, '2026-03-31'),
      says.attained(goalIds[1]!, '2026-04-01'),
    );
    await stage.settled();
    const lines = await linesOf(client);
    const seen = lines.map(({ goalId, period, deliveryPeriod, amountMinor, kind }) => [
      goalId,
      period,
      deliveryPeriod,
      amountMinor,
      kind,
    ]);
    expect(seen.sort()).toEqual(
      [
        [goalIds[0], '2026-03', '2026-03', '4990', 'charge'],
        [goalIds[1], '2026-04', '2026-04', '4990', 'charge'],
      ].sort(),
    );
  });

  it.each(['the commitment first', 'the attainments first'])(
    'E5 E6 A10: void after billing, with %s',
    async (order) => {
      const client = await aClient(stage);
      const { organisationId, goalIds, commitmentId, tokens, say } = client;
      const [one, two] = goalIds as [string, string];
      const evidenceId = '0e000000-0000-4000-8000-000000000001';
      const promise = says.commitment(commitmentId, goalIds);
      const facts = [
        ...says.evidence(one, evidenceId, '2026-03-10'),
        says.attained(one, '2026-03-10', { evidenceIds: [evidenceId] }),
        says.attained(two, '2026-03-12'),
      ];
      if (order === 'the commitment first') await say(promise, facts);
      else {
        await say(facts);
        await stage.settled();
        await say(promise);
      }
      await stage.settled();
      expect(await standing(client)).toMatchObject({ status: 'met', attained: 2, billedMinor: String(2 * PRICE) });

      await issue(client, '2026-03');
      const before = await issued(client, '2026-03');
      const bytes = Buffer.from(before.base64, 'base64');
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(before.sha256);
      expect(JSON.parse(bytes.toString())).toMatchObject({
        organisationId,
        period: '2026-03',
        statementNo: 1,
        currency: 'EUR',
        ruleVersion: 'statement-1',
        lockedLines: 0,
        netMinor: 9980,
        vatMinor: 2545,
        grossMinor: 12525,
        vat: [{ rateBasisPoints: 2550, netMinor: 9980, vatMinor: 2545 }],
        commitments: [{ commitmentId, charges: 2, reversals: 0, netMinor: 9980 }],
      });

      const revoked = {
        ...says.revoked(one, '2026-03-10', { evidenceId, at: '2026-05-31T21:30:00Z' }),
        eventId: '0e000000-0000-4000-8000-00000000000f',
      };
      await say(revoked);
      await say(says.revoked(one, '2026-03-10', { evidenceId, at: '2026-07-01T00:00:00Z' }));
      await stage.settled();
      const lines = await linesOf(client);
      const charge = lines.find(({ goalId, kind }) => goalId === one && kind === 'charge');
      // 31 May 21:30 UTC is June in Helsinki.
      expect(lines.filter(({ kind }) => kind === 'reversal')).toMatchObject([
        {
          reversesLineId: charge?.lineId,
          amountMinor: '-4990',
          deliveryPeriod: '2026-03',
          period: '2026-06',
          outcomeNo: 1,
        },
      ]);
      expect(await standing(client)).toMatchObject({
        status: 'missed',
        attained: 1,
        open: 1,
        billedMinor: String(PRICE),
      });
      expect(await standing(client, { knownAt: '2026-05-01T00:00:00Z' })).toMatchObject({ status: 'met', attained: 2 });
      expect(await issued(client, '2026-03')).toEqual(before);

      await issue(client, '2026-06');
      expect(await issued(client, '2026-03')).toEqual(before);
      const { statement, text } = await wire.call(
        GetStatement,
        { organisationId, period: '2026-06' },
        { token: tokens.manager },
      );
      expect(statement).toMatchObject({
        status: 'issued',
        statementNo: 2,
        lines: 1,
        netMinor: '-4990',
        vatMinor: '-1272',
        grossMinor: '-6262',
      });
      expect(text).toContain('net -49.90 EUR, tax -12.72 EUR, gross -62.62 EUR');
    },
  );

  it('E6 E7: attained again is a new charge, and what is late for a closed month is settled in the open one', async () => {
    const client = await aClient(stage, 2);
    const { goalIds, commitmentId, say } = client;
    const [one, two] = goalIds as [string, string];
    await say(
      says.commitment(commitmentId, goalIds),
      says.attained(one, '2026-03-10'),
      says.revoked(one, '2026-03-10', { at: '2026-03-20T00:00:00Z' }),
    );
    await say(says.attained(one, '2026-03-25', { outcomeNo: 2 }));
    await stage.settled();
    await issue(client, '2026-04');
    await say(says.attained(two, '2026-03-30'));
    await stage.settled();
    const lines = await linesOf(client);
    const sum = lines
      .filter(({ goalId }) => goalId === one)
      .reduce((total, line) => total + Number(line.amountMinor), 0);
    expect(sum).toBe(PRICE);
    expect(lines.find(({ goalId }) => goalId === two)).toMatchObject({ deliveryPeriod: '2026-03', period: '2026-05' });
  });

  it('B4 B5: closes a month once, when it is over, with nothing parked', async () => {
    const client = await aClient(stage, 1);
    const { organisationId, goalIds, commitmentId, tokens, say } = client;
    await say(says.commitment(commitmentId, goalIds), says.attained(goalIds[0]!, '2026-03-10'));
    await stage.settled();
    await expect(issue(client, '2099-01')).rejects.toMatchObject({ problem: 'period-not-over' });
    const first = await issue(client, '2026-03', 'issue-march-2026');
    expect(await issue(client, '2026-03', 'issue-march-2026')).toEqual({ ...first, replayed: true });
    await expect(issue(client, '2026-03')).rejects.toMatchObject({ problem: 'period-already-closed' });
    await expect(issue(client, '2026-01')).rejects.toMatchObject({ problem: 'period-already-closed' });
    const { statements } = await wire.call(ListStatements, { organisationId }, { token: tokens.integration });
    expect(statements.map(({ status, lines }) => [status, lines])).toEqual([
      ['issued', 1],
      ['draft', 0],
    ]);
    await say({ ...says.attained(goalIds[0]!, '2026-04-01'), value: new Uint8Array([255, 255]) });
    const worklist = () => wire.call(GetWorklist, { organisationId }, { token: tokens.operations });
    await eventually(async () => {
      expect(await worklist()).toMatchObject({ parkedMessages: 1, lockedChargesTotal: 0, periodsToIssue: [] });
    });
    await expect(issue(client, '2026-04')).rejects.toMatchObject({ problem: 'messages-parked' });
  });

  it('P8 P9: rebuilt read models are equal, and give the same bytes', async () => {
    const client = await aClient(stage, 2);
    const { organisationId, goalIds, commitmentId, tokens, say } = client;
    await say(says.commitment(commitmentId, goalIds), ...goalIds.map((goalId) => says.attained(goalId, '2026-03-10')));
    await stage.settled();
    await issue(client, '2026-03');
    const { readModels } = await wire.call(RebuildReadModels, { organisationId }, { token: tokens.operations });
    expect(readModels.map((each) => each.equal)).not.toContain(false);
    expect(readModels.map((each) => each.name)).toEqual(
      expect.arrayContaining(['lines', 'statements', 'commitment_goals']),
    );
    const document = await issued(client, '2026-03');
    const again = await remade(client, '2026-03');
    expect(again.equals(Buffer.from(document.base64, 'base64'))).toBe(true);
  });

  it('walks a line back to who accepted the evidence, and a statement to its lines', async () => {
    const client = await aClient(stage, 1);
    const { organisationId, goalIds, commitmentId, tokens, say } = client;
    const [goalId] = goalIds as [string];
    const evidenceId = '0e000000-0000-4000-8000-000000000002';
    const verifier = '0b000000-0000-4000-8000-000000000007';
    await say(
      says.commitment(commitmentId, goalIds),
      ...says.evidence(goalId, evidenceId, '2026-03-10', { by: verifier }),
    );
    await say(says.attained(goalId, '2026-03-10', { evidenceIds: [evidenceId] }));
    await stage.settled();
    await issue(client, '2026-03');
    await stage.settled();
    const [line] = await linesOf(client);
    const one = await wire.call(ExplainLine, { organisationId, lineId: line!.lineId }, { token: tokens.sponsor });
    expect(one.line).toMatchObject({ line, evidenceIds: [evidenceId], statementPeriod: '2026-03' });
    expect(types(one.line.decisions)).toEqual(['reporting.v1.GoalCharged', 'reporting.v1.StatementIssued']);
    expect(types(one.line.commitmentEvents)).toEqual(['goal.v1.CommitmentAgreed']);
    expect(types(one.line.goalEvents).at(-1)).toBe('goal.v1.GoalAttained');
    for (const part of [
      '49.90 EUR: charge',
      `accepted by operations ${verifier}`,
      '"Claims speak Finnish": 1 of 1 goals',
      '25.50 % tax',
    ])
      expect(one.text).toContain(part);
    const whole = await wire.call(ExplainStatement, { organisationId, period: '2026-03' }, { token: tokens.manager });
    expect(whole.lines).toEqual([one.line]);
    expect(whole.text).toContain('Statement 1 of 2026-03: 1 lines');
  });
});

const types = (events: readonly { type: string }[]): string[] => events.map(({ type }) => type);
/** The bytes as they would be made now. */
const remade = ({ organisationId }: TestClient, period: string): Promise<Buffer> =>
  new LedgerReader(stage.database.pool).read(organisationId, (ledger) => documentOf(ledger, ledger.frameOf(period)));
