import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Endpoints } from '../../local/endpoints';
import { endOfMonth, walkClocks } from './clocks';

let server: Server;
let api: string;
let answers: number[];
let asked: string[];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += String(part)));
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization} ${body}`);
      response.writeHead(answers.shift() ?? 200).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => ([answers, asked] = [[], []]));

const to = '2013-09-29T23:00:00.000Z';
// Only the names of the services are used.
const grpc = { goal: '', reporting: '' } as Endpoints['grpc'];
const walk = (url = api) => walkClocks({ api: url, grpc }, 'a-token', to);

describe('walking the clocks', () => {
  it('sets the clock of every service', async () => {
    expect(await walk()).toBe(true);
    expect(asked).toEqual(
      ['goal', 'reporting'].map((service) => `PUT /${service}/v1/clock Bearer a-token {"now":"${to}"}`),
    );
  });

  it.each([
    ['stands later already', 422],
    ['cannot be set', 404],
  ])('leaves a clock alone that %s, and sets the others', async (_why, code) => {
    answers = [code];
    expect(await walk()).toBe(false);
    expect(asked).toHaveLength(2);
  });

  it('waits for a service that is away', async () => {
    answers = [503, 502];
    expect(await walk()).toBe(true);
    expect(asked).toHaveLength(4);
  });

  it('says which clock may not be set', async () => {
    answers = [403];
    await expect(walk()).rejects.toThrow(`${api}/goal/v1/clock answers 403`);
  });
});

describe('the end of a month', () => {
  it('is the midnight that begins the next one, in the time zone of the client', () => {
    expect(['2013-10', '2014-04', '2014-12'].map(endOfMonth)).toEqual([
      '2013-11-01T00:00:00.000Z',
      '2014-04-30T23:00:00.000Z',
      '2015-01-01T00:00:00.000Z',
    ]);
  });
});
