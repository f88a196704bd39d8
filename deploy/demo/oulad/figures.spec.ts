import { rm } from 'node:fs/promises';
import { credentials, type handleUnaryCall, Metadata, Server, ServerCredentials } from '@grpc/grpc-js';
import {
  Attainment,
  AttainmentLine,
  type GetAttainmentReportRequest,
  GetAttainmentReportResponse,
  Participation,
  ReportingServiceClient,
  ReportingServiceService,
} from '@oppi/contracts/reporting/v1/reporting_service';
import type { DataSet } from './data-set';
import { readFigures } from './figures';
import { Ids } from './ids';
import { readDataSet } from './read-data-set';
import { smallTables, writeTables } from './small-data-set.fixtures';

type Report = (request: GetAttainmentReportRequest) => GetAttainmentReportResponse;

let folder: string;
let data: DataSet;
let ids: Ids;
let asked: string[];
let report: Report;
let server: Server;
let client: ReportingServiceClient;

beforeAll(async () => {
  folder = await writeTables(smallTables());
  data = await readDataSet(folder);
  ids = new Ids(data.fingerprint);
  server = new Server();
  const { getAttainmentReport } = ReportingServiceService;
  const answer: handleUnaryCall<GetAttainmentReportRequest, GetAttainmentReportResponse> = ({ request }, reply) => {
    asked.push(request.on ?? 'final');
    reply(null, report(request));
  };
  server.addService({ getAttainmentReport }, { getAttainmentReport: answer });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  client = new ReportingServiceClient(`127.0.0.1:${port}`, credentials.createInsecure());
});
beforeEach(() => (asked = []));
afterAll(async () => {
  client.close();
  server.forceShutdown();
  await rm(folder, { recursive: true });
});

const complete = { registered: 10, left: 4, agreed: 10, attained: 4, missed: 2, withdrawn: 4 };
const line = (key: string, counts: Partial<typeof complete> = {}): AttainmentLine => {
  const { registered, left, agreed, attained, missed, withdrawn } = { ...complete, ...counts };
  return AttainmentLine.fromPartial({
    ...(key === 'all' ? {} : { teamId: ids.team(key) }),
    attainment: Attainment.fromPartial({ agreed, attained, missed, withdrawn, rateBasisPoints: 4000 }),
    participation: Participation.fromPartial({ registered, left, open: Math.max(0, registered - left) }),
  });
};
const keys = ['AAA', 'AAA/2013J', 'AAA/2014B', 'BBB', 'BBB/2013J'];
const reportWith = (counts: Partial<typeof complete>, inboxPosition: string, parkedMessages = 0) =>
  GetAttainmentReportResponse.fromPartial({
    teams: keys.map((key) => line(key)),
    organisation: line('all', counts),
    basis: { inboxPosition, complete: parkedMessages === 0, parkedMessages },
  });
const read = (patience = 60_000) =>
  readFigures({ client, metadata: () => Promise.resolve(new Metadata()) }, data, ids, { voided: 0, patience });

describe('reading the figures', () => {
  it('waits until the last of the counts has come to its full number', async () => {
    const coming = [{ registered: 9 }, { left: 3 }, { agreed: 9 }, { withdrawn: 3 }];
    let position = 0;
    report = ({ on }) => reportWith((on === undefined && coming.shift()) || {}, String(position++));
    const { figures, shortfall } = await read();
    expect(shortfall).toBeUndefined();
    expect(asked.filter((on) => on === 'final')).toHaveLength(5);
    expect(figures.attainment['all']).toMatchObject({ agreed: 10, withdrawn: 4, rateBasisPoints: 4000 });
    expect(figures.attainment['all']?.rateWithoutWithdrawnBasisPoints).toBeNull();
  });

  it('takes them as they are, and says so, when reporting stands still', async () => {
    report = () => reportWith({ left: 3 }, '77');
    const { figures, shortfall } = await read(0);
    expect(shortfall).toContain('"left":3');
    expect(figures.attainment['all']).toMatchObject({ agreed: 10 });
  });

  it('says how many messages are parked, also when the counts are full', async () => {
    report = () => reportWith({}, '77', 2);
    expect((await read(0)).shortfall).toContain('2 messages are parked');
  });

  it('asks for every date once, and has each presentation at its own days', async () => {
    report = ({ on }) => ({
      ...reportWith({}, '1'),
      teams: keys.map((key) => line(key, { registered: Number((on ?? '0').slice(-2)) })),
    });
    const { figures } = await read();
    expect(new Set(asked).size).toBe(asked.length);
    expect(Object.keys(figures.asOf)).toEqual(['AAA/2013J', 'AAA/2014B', 'BBB/2013J']);
    const registered = Object.entries(figures.asOf['AAA/2014B'] ?? {}).map(([day, row]) => [day, row.registered]);
    // 1 February, 3 March, 2 April, 12 May, 1 July, 20 August; the last day is day 60.
    expect(registered).toEqual([
      ['0', 1],
      ['30', 3],
      ['60', 2],
      ['100', 12],
      ['150', 1],
      ['200', 20],
      ['end', 2],
      ['dayAfter', 3],
    ]);
  });

  it('leaves out a team that the report does not have', async () => {
    report = () => ({ ...reportWith({}, '1'), teams: [line('AAA')] });
    const { figures } = await read();
    expect(Object.keys(figures.attainment)).toEqual(['AAA', 'all']);
  });
});
