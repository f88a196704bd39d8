import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Client, credentials, status } from '@grpc/grpc-js';
import { withAuthorization } from './authorization';
import { loadContract, type Rpc, rpcsOf } from './grpc-contract';
import { neighbourCredentials } from './grpc-tls';
import { Neighbour, NEIGHBOUR_CHANNEL, type Question } from './neighbour';
import { testIssuer, type TestIssuer } from './testing';
import { testAuthority } from './testing/certificates';
import { sampleContract, startSample } from './testing/sample/start-sample';

type Authority = Awaited<ReturnType<typeof testAuthority>>;
type Tls = Parameters<typeof neighbourCredentials>[0];

const organisationId = randomUUID();
let [authority, another] = [] as unknown as [Authority, Authority];
let issuer: TestIssuer;
let server: Tls;
let sample: Awaited<ReturnType<typeof startSample>>;

beforeAll(async () => {
  [authority, another, issuer] = await Promise.all([testAuthority(), testAuthority(), testIssuer()]);
  server = await authority.settingsFor('time-allocation');
  sample = await startSample(issuer, {}, server);
});
afterAll(async () => {
  await sample.service.stop();
  await issuer.stop();
  authority.remove();
  another.remove();
});

const { requestSerialize, responseDeserialize } = rpcsOf(loadContract(sampleContract), sampleContract.service).get(
  'ListTrees',
) as Rpc;
const question = {
  path: `/${sampleContract.service}/ListTrees`,
  requestSerialize,
  responseDeserialize,
} as unknown as Question<object, object>;

const opened: Client[] = [];
afterEach(() => opened.splice(0).forEach((client) => client.close()));

const clientWith = (how: ReturnType<typeof neighbourCredentials>): Client => {
  const client = new Client(`127.0.0.1:${sample.service.grpcPort}`, how, NEIGHBOUR_CHANNEL);
  opened.push(client);
  return client;
};

/** A neighbour that asks the sample service for the trees of an organisation. */
const neighbour = (how: ReturnType<typeof neighbourCredentials>) => {
  const asking = new Neighbour({ name: 'sample', client: clientWith(how), deadlineMs: 5_000 });
  const ask = () => asking.ask(question, { organisationId });
  return { ask, as: (token: string) => withAuthorization(`Bearer ${token}`, ask) };
};

/** What reached the service while `work` ran: its log has a line for every call. */
const heard = async (work: () => Promise<unknown>): Promise<number> => {
  const before = sample.lines.length;
  await work();
  return sample.lines.slice(before).filter(({ msg }) => msg === 'request' || msg === 'access token').length;
};

const turnedAway = { kind: 'unavailable', code: 'dependency-unavailable' };

describe('AUTH-30: gRPC with certificates', () => {
  it('answers a client with one of the authority', async () => {
    const good = neighbour(neighbourCredentials(await authority.settingsFor('goal')));
    const token = await issuer.token('manager', organisationId);
    expect(await heard(() => expect(good.as(token)).resolves.toMatchObject({}))).toBeGreaterThan(0);
  });

  it.each([
    ['none', async () => credentials.createSsl(readFileSync(authority.ca))],
    [
      'one of another authority',
      async () => {
        const { GRPC_TLS_CERT, GRPC_TLS_KEY } = await another.settingsFor('goal');
        return neighbourCredentials({ GRPC_TLS_CERT, GRPC_TLS_KEY, GRPC_TLS_CA: authority.ca });
      },
    ],
    [
      'one that has expired',
      async () => {
        const notBefore = new Date(Date.now() - 7_200_000);
        const past = { notBefore, notAfter: new Date(Date.now() - 3_600_000) };
        return neighbourCredentials(await authority.settingsFor('goal', past));
      },
    ],
    ['no TLS at all', async () => credentials.createInsecure()],
  ])('turns a client with %s away in the handshake, whatever its token', async (_, how) => {
    const bad = neighbour(await how());
    const token = await issuer.token('manager', organisationId);
    expect(await heard(() => expect(bad.as(token)).rejects.toMatchObject(turnedAway))).toBe(0);
  });

  it('asks no neighbour whose certificate is of another authority', async () => {
    const { GRPC_TLS_CERT, GRPC_TLS_KEY } = await authority.settingsFor('goal');
    const wary = neighbour(neighbourCredentials({ GRPC_TLS_CERT, GRPC_TLS_KEY, GRPC_TLS_CA: another.ca }));
    const token = await issuer.token('manager', organisationId);
    expect(await heard(() => expect(wary.as(token)).rejects.toMatchObject(turnedAway))).toBe(0);
  });

  it('does not start, with 78, on files that are missing or do not belong together', async () => {
    const other = await authority.settingsFor('other');
    for (const broken of [
      { ...server, GRPC_TLS_KEY: '/nowhere/key' },
      { ...server, GRPC_TLS_KEY: other.GRPC_TLS_KEY },
      { ...server, GRPC_TLS_CERT: authority.nonsense() },
    ])
      await expect(startSample(issuer, {}, broken)).rejects.toMatchObject({
        exitCode: 78,
        message: expect.stringMatching(/^configuration: GRPC_TLS_/) as string,
      });
  });
});

describe('AUTH-32: a question of a neighbour', () => {
  it('is decided on the user, whose token is checked again, and never on the service that asks', async () => {
    const { ask, as } = neighbour(neighbourCredentials(await authority.settingsFor('goal')));
    await expect(ask()).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
    const bad: [string, number][] = [
      [await (await testIssuerOnce()).token('manager', organisationId), status.UNAUTHENTICATED],
      [await issuer.token('learner', organisationId), status.PERMISSION_DENIED],
      [await issuer.token('manager', randomUUID()), status.NOT_FOUND],
    ];
    for (const [token, code] of bad) await expect(as(token)).rejects.toMatchObject({ code });
    await expect(as(await issuer.token('manager', organisationId))).resolves.toMatchObject({});
  });
});

const testIssuerOnce = async (): Promise<TestIssuer> => {
  const stranger = await testIssuer();
  await stranger.stop();
  return stranger;
};
