import { rm } from 'node:fs/promises';
import { status } from '@grpc/grpc-js';
import { CommitmentStanding, Line, StatementSummary } from '@oppi/contracts/reporting/v1/reporting_service';
import { corrected, readCorrection } from './correction';
import { type DataSet, hasPassed } from './data-set';
import { Ids, sha256 } from './ids';
import { documentHashes, issueStatements, periodsOf, waitForCharges } from './money';
import { moneyFigures } from './money-figures';
import { readDataSet } from './read-data-set';
import { ToldReporting } from './reporting.fixtures';
import { smallTables, writeTables } from './small-data-set.fixtures';

let folder: string;
let data: DataSet;
let ids: Ids;
let reporting: ToldReporting;

beforeAll(async () => {
  folder = await writeTables(smallTables());
  data = await readDataSet(folder);
  ids = new Ids(data.fingerprint);
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  reporting = new ToldReporting();
  await reporting.start();
});
afterEach(() => reporting.stop());

const attained = () => data.registrations.filter(hasPassed);
const standing = (key: string, count: number, billedMinor: number) =>
  CommitmentStanding.fromPartial({
    commitmentId: ids.commitment(key),
    attained: count,
    billedMinor: String(billedMinor),
    status: 'met',
  });
const complete = () => [standing('AAA/2013J', 1, 4990), standing('AAA/2014B', 2, 9980), standing('BBB/2013J', 1, 4990)];
const statement = (period: string, more: Partial<StatementSummary> = {}) =>
  StatementSummary.fromPartial({ period, status: 'issued', ...more });

describe('what is billed', () => {
  it('falls in the month of the day after the last', () => {
    expect(periodsOf(data)).toEqual(['2013-10', '2013-11', '2014-04']);
  });

  it('is waited for until each commitment has every attainment, and a charge for each', async () => {
    const [first, second, third] = complete() as [CommitmentStanding, CommitmentStanding, CommitmentStanding];
    const uncharged = { ...second, billedMinor: '4990' };
    reporting.commitments = [[first], [first, uncharged, third], [first, second, third]];
    expect(await waitForCharges(reporting.source, ids, attained(), 60_000)).toBeUndefined();
    expect(reporting.knownAt).toHaveLength(3);
  });

  it('is not taken for complete when reporting stands still, nor when it has charged too much', async () => {
    reporting.commitments = [[...complete().slice(0, 2), standing('BBB/2013J', 1, 9980)]];
    expect(await waitForCharges(reporting.source, ids, attained(), 0)).toBe(
      `Commitment ${ids.commitment('BBB/2013J')} has attained and billed 1 9980, not 1 4990.`,
    );
  });

  it('is issued month by month, unless it was, and each under a key of its own that stays the same', async () => {
    reporting.statements = [statement('2013-10'), statement('2014-04', { status: 'draft' })];
    reporting.refusals = ['read-models-behind: Try again.', 'statement-in-the-making: Call again.'];
    await issueStatements(reporting.source, ids, periodsOf(data), 60_000);
    expect(reporting.issued).toEqual(
      ['2013-11', '2014-04'].map((period) => ({ requestId: `oulad-issue-${ids.organisation}-${period}`, period })),
    );
  });

  it('is not issued against a rule', async () => {
    reporting.refusals = ['period-not-over: This month is not over yet.'];
    const issuing = issueStatements(reporting.source, ids, periodsOf(data), 60_000);
    await expect(issuing).rejects.toMatchObject({ code: status.FAILED_PRECONDITION });
  });

  it('adds up statement by statement, tax and all', () => {
    const amounts = { lines: 2, netMinor: '9980', vatMinor: '2545', grossMinor: '12525' };
    const statements = [statement('2013-10', amounts), statement('2014-04', amounts)];
    const figures = moneyFigures(data, ids, [standing('AAA/2014B', 2, 9980)], statements);
    expect(figures.statements['2013-10']).toEqual({ lines: 2, netMinor: 9980, vatMinor: 2545, grossMinor: 12525 });
    expect(figures.all).toEqual({ lines: 4, netMinor: 19960, vatMinor: 5090, grossMinor: 25050 });
    expect(figures.commitments).toMatchObject({ 'AAA/2014B': { attained: 2, status: 'met', billedMinor: 9980 } });
  });
});

describe('a correction after billing', () => {
  const lineOf = (kind: 'charge' | 'reversal', key: string, more: Partial<Line> = {}): Line => {
    const amountMinor = kind === 'charge' ? '4990' : '-4990';
    const goalId = ids.goal(key);
    const commitmentId = ids.commitment(key.split('/').slice(0, 2).join('/'));
    const lineId = `${kind} ${key}`;
    const reverses = kind === 'reversal' ? { reversesLineId: `charge ${key}`, period: '2014-05' } : {};
    return Line.fromPartial({ lineId, kind, commitmentId, goalId, amountMinor, ...reverses, ...more });
  };
  const voided = () => corrected(data).slice(0, 2);
  const keys = () => voided().map(({ key }) => key) as [string, string];
  const read = async (patience = 60_000) => {
    const statements = [statement('2013-10', { sha256: sha256('issued') })];
    const hashes = await documentHashes(reporting.source, ids, statements);
    return {
      correct: () => readCorrection(reporting.source, data, ids, { voided: voided(), statements, hashes, patience }),
    };
  };

  beforeEach(() => {
    reporting.documents.set('2013-10', ['iss', 'ued']);
    reporting.report = {
      ...reporting.report,
      organisation: {
        ...{ name: '', depth: 0, participation: { registered: 10, left: 4, open: 6 } },
        attainment: { agreed: 10, attained: 2, missed: 2, withdrawn: 4, overdue: 0, open: 2 },
      },
    };
  });

  it('has one reversal for each voided goal, linked to its charge, and leaves the issued bytes as they were', async () => {
    const [one, other] = keys();
    reporting.lines = [lineOf('charge', one), lineOf('reversal', one), lineOf('charge', other)];
    const reading = (await read()).correct();
    reporting.lines.push(lineOf('reversal', other));
    const { reversals, periods, documents, attainment, shortfall } = await reading;
    expect([reversals.lines, periods, shortfall]).toEqual([2, ['2014-05'], undefined]);
    expect(documents).toEqual([{ period: '2013-10', sha256: sha256('issued'), unchanged: true }]);
    expect(attainment['all']).toMatchObject({ attained: 2 });
  });

  it('sees bytes that have changed', async () => {
    const { correct } = await read(0);
    reporting.documents.set('2013-10', ['iss', 'ued.']);
    expect((await correct()).documents).toMatchObject([{ unchanged: false }]);
  });

  it('does not take a reversal for one that takes back another amount, another goal or nothing', async () => {
    const [one, other] = keys();
    const reversal = (more: Partial<Line>) => lineOf('reversal', one, more);
    const ofAnother = lineOf('charge', one, { lineId: 'charge of another', goalId: ids.goal(other) });
    reporting.lines = [lineOf('charge', one), ofAnother, lineOf('charge', other)];
    reporting.lines.push(reversal({ amountMinor: '-4900' }), reversal({ reversesLineId: 'charge of another' }));
    reporting.lines.push(reversal({ reversesLineId: 'charge of nothing' }));
    expect((await (await read(0)).correct()).shortfall).toBe('Reporting has 0 of 2 reversals.');
  });
});
