import { randomUUID } from 'node:crypto';
import { GetStatementDocument } from './features/statements/get-statement-document.query';
import { GetWorklist } from './features/worklist/get-worklist.query';
import { IssueStatement } from './features/issue-statement/issue-statement.command';
import { ListCharges } from './features/charges/list-charges.query';
import { RedriveParkedMessages } from '@oppi/intake';
import { StatementDocuments } from './ledger/statement-documents';
import { says } from './goal-and-coaching-say.fixtures';
import {
  aClient,
  eventually,
  reportingOnStage,
  type ReportingStage,
  type TestClient,
} from './reporting-stage.fixtures';

let stage: ReportingStage;
beforeEach(async () => {
  stage = await reportingOnStage();
});
afterEach(() => stage.leave());

const linesOf = async ({ organisationId, tokens }: TestClient) =>
  (await stage.wire('http').call(ListCharges, { organisationId, limit: 200 }, { token: tokens.billing })).lines;
const issue = ({ organisationId, tokens }: TestClient, requestId: string) =>
  stage.wire('http').call(IssueStatement, { organisationId, period: '2026-03' }, { token: tokens.billing, requestId });
const documentOf = ({ organisationId, tokens }: TestClient) =>
  stage.wire('http').call(GetStatementDocument, { organisationId, period: '2026-03' }, { token: tokens.billing });
const stored = async (): Promise<string[]> =>
  (await stage.database.pool.query<{ type: string }>('select type from events order by position')).rows.map(
    ({ type }) => type,
  );

/** A client with attained goals under a commitment. */
const billedClient = async (goals = 3): Promise<TestClient> => {
  const client = await aClient(stage, goals);
  await client.say(says.commitment(client.commitmentId, client.goalIds));
  await client.say(...client.goalIds.map((goalId) => says.attained(goalId, '2026-03-10')));
  await stage.settled();
  return client;
};

describe('billing', () => {
  it('B1: charges nothing again when its read models are lost between decision and reading', async () => {
    const client = await billedClient();
    const before = await linesOf(client);
    // As if the process had died after the decisions, before anybody folded them.
    await stage.restart(async () => {
      await stage.database.pool.query(
        `truncate lines, statements; update projection_checkpoints set position = 0 where projection in ('lines', 'statements')`,
      );
    });
    await stage.settled();
    expect(await linesOf(client)).toEqual(before);
    expect(await stored()).toEqual(['GoalCharged', 'GoalCharged', 'GoalCharged']);
  });

  it('B1: charges what came in while it was away, once, with two processes', async () => {
    const client = await aClient(stage, 30);
    await stage.restart(() => client.say(says.commitment(client.commitmentId, client.goalIds)));
    const another = await stage.start();
    try {
      await client.say(...client.goalIds.map((goalId) => says.attained(goalId, '2026-03-10')));
      await client.say(...client.goalIds.slice(0, 5).map((goalId) => says.revoked(goalId, '2026-03-10')));
      await stage.settled();
    } finally {
      await another.stop();
    }
    const lines = await linesOf(client);
    const sum = lines.reduce((total, { amountMinor }) => total + Number(amountMinor), 0);
    expect(sum).toBe(25 * 4990);
    expect(new Set(lines.map(({ lineId }) => lineId)).size).toBe(lines.length);
  });

  it('waits while messages of the organisation are parked, and goes on after a redrive', async () => {
    const client = await aClient(stage, 1);
    const [goalId] = client.goalIds as [string];
    await stage.settled();
    const elsewhere = says.attained(randomUUID(), '2026-03-10');
    await client.say({ ...elsewhere, value: new Uint8Array([255, 255]) });
    await client.say(says.commitment(client.commitmentId, client.goalIds), says.attained(goalId, '2026-03-10'));
    await stage.settled();
    const { organisationId, tokens } = client;
    const worklist = () => stage.wire('http').call(GetWorklist, { organisationId }, { token: tokens.operations });
    await eventually(async () => expect(await worklist()).toMatchObject({ parkedMessages: 1 }));
    expect(await linesOf(client)).toEqual([]);
    // The decoder was mended, as it were: the message can be read now.
    await stage.database.pool.query('update parked_messages set value = $1', [elsewhere.value]);
    await stage.wire('http').call(RedriveParkedMessages, { organisationId }, { token: tokens.operations });
    await eventually(async () => expect(await linesOf(client)).toHaveLength(1));
  });
});

describe('issuing', () => {
  it('goes on where it was after a crash behind the closing, and the statement is the one of the closing', async () => {
    const client = await billedClient();
    const keep = jest.spyOn(StatementDocuments.prototype, 'keep').mockRejectedValueOnce(new Error('killed'));
    await expect(issue(client, 'first-try-of-march')).rejects.toMatchObject({ status: 500 });
    expect(await stored()).toEqual([...Array<string>(3).fill('GoalCharged'), 'PeriodClosed']);
    await expect(documentOf(client)).rejects.toMatchObject({ problem: 'statement-not-issued' });
    // What comes meanwhile is late.
    await client.say(says.revoked(client.goalIds[0]!, '2026-03-10', { at: '2026-03-20T00:00:00Z' }));
    await stage.restart();
    await stage.settled();
    const { organisationId, tokens } = client;
    const worklist = await stage.wire('http').call(GetWorklist, { organisationId }, { token: tokens.billing });
    expect(worklist.periodsToIssue[0]).toBe('2026-03');
    await issue(client, 'first-try-of-march');
    const document = JSON.parse(Buffer.from((await documentOf(client)).base64, 'base64').toString()) as object;
    expect(document).toMatchObject({ netMinor: 3 * 4990, lines: { length: 3 } });
    expect(await linesOf(client)).toMatchObject([{}, {}, {}, { kind: 'reversal', period: '2026-04' }]);
    keep.mockRestore();
  });

  it('B10 F93: twice at once, by two callers, gives one statement', async () => {
    const client = await billedClient();
    const calls = await Promise.allSettled([issue(client, 'caller-number-one'), issue(client, 'caller-number-two')]);
    expect(calls.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    expect((await stored()).filter((type) => type === 'StatementIssued')).toHaveLength(1);
    expect((await stored()).filter((type) => type === 'PeriodClosed')).toHaveLength(1);
  });

  it('P9: keeps bytes that nobody can change', async () => {
    const client = await billedClient();
    await issue(client, 'issue-of-march');
    for (const change of [
      "update statement_documents set bytes = 'x'",
      'delete from statement_documents',
      'truncate statement_documents',
    ])
      await expect(stage.database.pool.query(change)).rejects.toThrow('append-only');
    const documents = new StatementDocuments(stage.database.pool);
    const kept = await documents.keep(client.organisationId, '2026-03', Buffer.from('another'));
    expect(kept.bytes.toString()).toContain('"format":"oppi.statement.1"');
  });
});
