import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JWTHeaderParameters } from 'jose';
import { ListTrees, PlantTree } from './testing/sample/sample';
import { startSample } from './testing/sample/start-sample';
import { bothWires, testIssuer, type TestIssuer } from './testing';

const ALL = ['ES256', 'PS256', 'EdDSA'];
const [client, otherClient] = [randomUUID(), randomUUID()];
let [first, clients, machines, stranger] = [] as unknown as [TestIssuer, TestIssuer, TestIssuer, TestIssuer];
let sample: Awaited<ReturnType<typeof startSample>>;
let wires: ReturnType<typeof bothWires>;
let elsewhere: Server;
let asked = 0;

const trust = ({ config }: TestIssuer, organisationId?: string) => ({
  issuer: config.AUTH_ISSUER,
  jwksUrl: config.AUTH_JWKS_URL,
  algorithms: ALL,
  isFirst: false,
  ...(organisationId === undefined ? {} : { organisationId }),
});

beforeAll(async () => {
  [first, clients, machines, stranger] = await Promise.all([testIssuer(), testIssuer(), testIssuer(), testIssuer()]);
  sample = await startSample(first, {}, { AUTH_MORE_ISSUERS: [trust(clients, client), trust(machines)] });
  wires = bothWires(sample.service);
  elsewhere = createServer((_request, response) => {
    asked += 1;
    response.end('{}');
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  wires.close();
  elsewhere.close();
  await sample.service.stop();
  await Promise.all([first, clients, machines, stranger].map((issuer) => issuer.stop()));
});

describe.each(['http', 'grpc'] as const)('several issuers over %s', (name) => {
  const list = (token: string, organisationId = client) => wires[name].call(ListTrees, { organisationId }, { token });
  const unauthenticated = { problem: 'unauthenticated', status: { http: 401, grpc: 16 }[name] };

  it('AUTH-03: are each taken at their word, with their own keys', async () => {
    const provider = randomUUID();
    const tokens = [
      await first.token('manager', client),
      await clients.token('manager', client),
      await machines.token('operations', provider, { clients: '*' }),
    ];
    for (const token of tokens) await expect(list(token)).resolves.toHaveProperty('treeIds');
  });

  it('AUTH-03: cannot sign for each other, nor can a stranger', async () => {
    const all = [first, clients, machines];
    for (const named of all)
      for (const signing of [...all, stranger].filter((issuer) => issuer !== named))
        for (const kid of [signing.kid, named.kid]) {
          const claims = { iss: named.config.AUTH_ISSUER };
          const token = await signing.token('manager', client, { claims, header: { kid } });
          await expect(list(token)).rejects.toMatchObject(unauthenticated);
        }
    await expect(list(await stranger.token('manager', client))).rejects.toMatchObject(unauthenticated);
    expect(stranger.fetches()).toBe(0);
  });

  it('AUTH-03: are known by their exact name alone', async () => {
    const { AUTH_ISSUER } = first.config;
    const names = [
      `${AUTH_ISSUER}/`,
      AUTH_ISSUER.toUpperCase(),
      ` ${AUTH_ISSUER}`,
      [AUTH_ISSUER],
      {},
      1,
      null,
      undefined,
    ];
    for (const iss of names) {
      const token = await first.token('manager', client, { claims: { iss } });
      await expect(list(token)).rejects.toMatchObject(unauthenticated);
    }
  });

  it.each(['jku', 'x5u'])('AUTH-03: are not looked up where a header tells in %s', async (hint) => {
    const address = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/keys`;
    const header = { [hint]: address } as Partial<JWTHeaderParameters>;
    const claims = { iss: first.config.AUTH_ISSUER };
    const forged = await stranger.token('manager', client, { claims, header: { ...header, kid: first.kid } });
    await expect(list(forged)).rejects.toMatchObject(unauthenticated);
    expect(asked).toBe(0);
  });

  it('AUTH-03: are not replaced by a key in a header', async () => {
    const claims = { iss: first.config.AUTH_ISSUER };
    for (const header of [{ jwk: await stranger.publicJwk() }, { x5c: ['MIIB'] }]) {
      const forged = await stranger.token('manager', client, { claims, header: { ...header, kid: first.kid } });
      await expect(list(forged)).rejects.toMatchObject(unauthenticated);
    }
  });

  it("AUTH-03: a client's own one speaks for its own people and programs only", async () => {
    const provider = randomUUID();
    for (const role of ['operations', 'coach', 'verifier', 'billing'] as const)
      for (const home of [client, provider])
        await expect(list(await clients.token(role, home, { clients: '*' }))).rejects.toMatchObject(unauthenticated);
    const outside = await clients.token('manager', otherClient);
    await expect(list(outside, otherClient)).rejects.toMatchObject(unauthenticated);
  });

  it('AUTH-07: the same subject at two issuers is two actors, and an address is none', async () => {
    const subject = randomUUID();
    const actorOf = async (issuer: TestIssuer, sub: string): Promise<string | undefined> => {
      const tree = { organisationId: client, treeId: randomUUID(), kind: 'birch', heightCm: 1 };
      const claims = { sub, email: 'one@example.org' };
      await wires[name].call(PlantTree, tree, { token: await issuer.token('manager', client, { claims }) });
      return sample.orchard.trees.get(tree.treeId)?.contexts[0]?.actor.id;
    };
    const actors = [];
    for (const issuer of [first, clients, clients, machines]) actors.push(await actorOf(issuer, subject));
    expect(actors[0]).toBe(subject);
    expect(actors[1]).toBe(actors[2]);
    expect(new Set(actors).size).toBe(3);
    expect(await actorOf(clients, 'pairwise|Zk9')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5/);
    const nameless = await first.token('manager', client, { claims: { sub: 'one@example.org' } });
    await expect(list(nameless)).rejects.toMatchObject(unauthenticated);
  });
});

it("AUTH-06: a client's issuer that never answered costs that client's callers alone", async () => {
  clients.down();
  const cold = await startSample(first, {}, { AUTH_MORE_ISSUERS: [trust(clients, client)] });
  const both = bothWires(cold.service);
  const list = (token: string) => both.http.call(ListTrees, { organisationId: client }, { token });
  await expect(list(await clients.token('manager', client))).rejects.toMatchObject({
    problem: 'auth-keys-unavailable',
    status: 503,
  });
  await expect(list(await first.token('manager', client))).resolves.toEqual({ treeIds: [] });
  expect((await fetch(`${cold.url}/readyz`)).status).toBe(200);
  both.close();
  await cold.service.stop();
  clients.up();
});
