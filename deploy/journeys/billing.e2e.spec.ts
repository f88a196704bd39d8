import { createHash, randomUUID } from 'node:crypto';
import type { Stack } from '../local/stack';
import { Client } from './client';
import { describeOnEachBus } from './on-each-bus.fixtures';
import { eventually } from './scene.fixtures';

type Standing = { status: string; attained: number; threshold: number; billedMinor: string };
type Line = {
  lineId: string;
  kind: string;
  goalId: string;
  amountMinor: string;
  period?: string;
  reversesLineId?: string;
};
type Document = { base64: string; sha256: string; parts: number };
type Explained = { line: { decisions: { type: string }[]; statementPeriod?: string }; text: string };

let stack: Stack;
/** What the clocks of all services say: a month is lived through in each journey. */
let now = new Date();

jest.setTimeout(120_000); // ms: on Kafka a group forms first, and months are lived through

const dayAfter = (date: Date): string => new Date(date.getTime() + 86_400_000).toISOString().slice(0, 10);
const thirdOfNextMonth = (date: Date): Date => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 3, 12));
const periodOf = (date: Date): string => date.toISOString().slice(0, 7);

/** Two goals of one learner under an agreed commitment: both have to be attained, at 49.90 EUR each. */
const promised = async (pause: (isThere: () => Promise<boolean>) => Promise<unknown>) => {
  const client = new Client(stack.endpoints, randomUUID());
  const [teamId, personId, commitmentId] = [randomUUID(), randomUUID(), randomUUID()];
  const goalIds = [randomUUID(), randomUUID()] as const;
  const dueOn = dayAfter(now);
  await client.put('', { timeZone: 'Europe/Helsinki', currency: 'EUR' });
  await client.put(`/teams/${teamId}`, { name: 'Claims' });
  await client.put(`/persons/${personId}`, {});
  await client.post('goal', `/persons/${personId}/join-team`, { teamId });
  for (const goalId of goalIds) {
    const terms = { personId, teamId, statement: 'Leads a team alone', dueOn, criteria: [{ criterionId: 'pass' }] };
    await client.put(`/goals/${goalId}`, terms);
    await client.post('goal', `/goals/${goalId}/agree`, {});
    await client.post('goal', `/goals/${goalId}/agree`, {}, { role: 'sponsor' });
  }
  const terms = { name: 'Claims leads', goalIds, threshold: 2, dueOn, priceMinor: '4990', vatRateBasisPoints: 2550 };
  await client.put(`/commitments/${commitmentId}`, terms);
  await client.post('goal', `/commitments/${commitmentId}/agree`, {});
  await client.post('goal', `/commitments/${commitmentId}/agree`, {}, { role: 'sponsor' });
  const standing = async (): Promise<Standing> =>
    (await client.get<{ commitments: [Standing] }>('reporting', '/commitments', { role: 'sponsor' })).commitments[0];
  await pause(async () => (await standing()).status === 'running');
  const evidenceIds: string[] = [];
  for (const goalId of goalIds) {
    const evidenceId = randomUUID();
    evidenceIds.push(evidenceId);
    await client.put(`/goals/${goalId}/evidence/${evidenceId}`, { kind: 'test' });
    const verdict = { criterionIds: ['pass'] };
    await client.post('goal', `/goals/${goalId}/evidence/${evidenceId}/accept`, verdict, { role: 'verifier' });
  }
  return { client, goalIds, evidenceId: String(evidenceIds[0]), standing };
};

const linesOf = async (client: Client): Promise<Line[]> =>
  (await client.get<{ lines: Line[] }>('reporting', '/charges', { role: 'billing' })).lines;
const documentOf = (client: Client, period: string): Promise<Document> =>
  client.get<Document>('reporting', `/statements/${period}/document`, { role: 'sponsor' });
const issue = (client: Client, period: string): Promise<unknown> =>
  client.post('reporting', `/statements/${period}/issue`, {}, { role: 'billing' });

const toNextMonth = async (client: Client): Promise<string> => {
  const period = periodOf(now);
  now = thirdOfNextMonth(now);
  await client.setClocks(now.toISOString());
  return period;
};

const isThere = (check: () => Promise<boolean>): Promise<boolean> => eventually(check, (there) => there);

describeOnEachBus('evidence that is voided after it was billed', (product) => {
  beforeAll(() => {
    stack = product().stack;
    now = new Date(); // each bus has a product, and clocks, of its own
  });

  it.each([
    ['fact by fact', isThere],
    ['all at once', () => Promise.resolve()],
  ])('E5 E6 A10: is taken back once, in the open month, when facts come %s', async (_how, pause) => {
    const { client, goalIds, evidenceId, standing } = await promised(pause);
    await eventually(
      () => linesOf(client),
      (lines) => lines.length === 2,
    );
    expect(await standing()).toMatchObject({ status: 'met', attained: 2, billedMinor: '9980' });
    const earnedIn = await toNextMonth(client);
    await issue(client, earnedIn);
    const before = await documentOf(client, earnedIn);
    const bytes = Buffer.from(before.base64, 'base64');
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(before.sha256);
    expect(JSON.parse(bytes.toString())).toMatchObject({ netMinor: 9980, vatMinor: 2545, grossMinor: 12_525 });

    const path = `/goals/${goalIds[0]}/evidence/${evidenceId}/void`;
    const key = randomUUID();
    await client.post('goal', path, { reasonCode: 'identity-mismatch' }, { key });
    await client.post('goal', path, { reasonCode: 'identity-mismatch' }, { key });
    await expect(client.post('goal', path, { reasonCode: 'identity-mismatch' })).rejects.toMatchObject({
      code: 'evidence-already-voided',
    });
    const lines = await eventually(
      () => linesOf(client),
      (found) => found.length === 3,
    );
    const charge = lines.find(({ goalId, kind }) => goalId === goalIds[0] && kind === 'charge');
    const reversals = lines.filter(({ kind }) => kind === 'reversal');
    expect(reversals).toMatchObject([{ reversesLineId: charge?.lineId, amountMinor: '-4990', period: periodOf(now) }]);
    expect(await eventually(standing, ({ status }) => status === 'missed')).toMatchObject({
      status: 'missed',
      attained: 1,
      billedMinor: '4990',
    });
    expect(await documentOf(client, earnedIn)).toEqual(before);

    const creditedIn = await toNextMonth(client);
    await issue(client, creditedIn);
    const credit = JSON.parse(
      Buffer.from((await documentOf(client, creditedIn)).base64, 'base64').toString(),
    ) as object;
    expect(credit).toMatchObject({ netMinor: -4990, statementNo: 2, lines: [{ reversesLineId: charge?.lineId }] });
    expect(await documentOf(client, earnedIn)).toEqual(before);

    const explanation = `/charges/${String(reversals[0]?.lineId)}/explanation`;
    const { line, text } = await client.get<Explained>('reporting', explanation, { role: 'sponsor' });
    expect(line.statementPeriod).toBe(creditedIn);
    expect(line.decisions.map(({ type }) => type)).toEqual([
      'reporting.v1.GoalCharged',
      'reporting.v1.ChargeReversed',
      'reporting.v1.StatementIssued',
    ]);
    for (const part of ['-49.90 EUR: reversal', `takes back line ${String(charge?.lineId)}`, evidenceId, 'voided by'])
      expect(text).toContain(part);
  });
});
