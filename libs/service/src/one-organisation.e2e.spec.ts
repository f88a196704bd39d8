import { randomUUID } from 'node:crypto';
import { bothWires, testIssuer, type TestIssuer } from './testing';
import { PlantTree } from './testing/sample/sample';
import { startSample } from './testing/sample/start-sample';

const [own, other] = [randomUUID(), randomUUID()];
let issuer: TestIssuer;
let sample: Awaited<ReturnType<typeof startSample>>;
let wires: ReturnType<typeof bothWires>;

beforeAll(async () => {
  issuer = await testIssuer();
  sample = await startSample(issuer);
  wires = bothWires(sample.service);
});
afterAll(async () => {
  wires.close();
  await sample.service.stop();
  await issuer.stop();
});

const aTree = (organisationId: string) => ({ organisationId, treeId: randomUUID(), kind: 'birch', heightCm: 1 });

/** What the log says of security while `work` runs. */
const events = async (work: () => Promise<unknown>): Promise<Record<string, unknown>[]> => {
  const before = sample.lines.length;
  await work();
  return sample.lines.slice(before).filter(({ kind }) => kind === 'security');
};

// By the error table of the design another's organisation is "not found": 403 would tell that it is there.
describe('AUTH-22: a client integration that names another organisation', () => {
  it.each(['http', 'grpc'] as const)('in a path or field over %s is refused, and the log keeps it', async (name) => {
    const actorId = randomUUID();
    // Whatever its token claims: no list of clients makes an integration one of several.
    const token = await issuer.token('integration', own, { actorId, clients: '*', claims: { client_id: 'hr-system' } });
    const tree = aTree(other);
    const said = await events(() =>
      expect(wires[name].call(PlantTree, tree, { token })).rejects.toMatchObject({
        problem: 'not-found',
        status: { http: 404, grpc: 5 }[name],
      }),
    );
    expect(said).toMatchObject([
      {
        level: 'warn',
        outcome: 'other-organisation',
        organisation_id: own,
        named_organisation_id: other,
        client_id: 'hr-system',
        trace_id: expect.any(String) as string,
      },
    ]);
    expect(JSON.stringify(said)).not.toContain(actorId);
    expect(sample.orchard.trees.has(tree.treeId)).toBe(false);
  });

  const plant = async (tree: object, headers: Record<string, string> = {}): Promise<[number, string | undefined]> => {
    const response = await fetch(`${sample.url}/sample/v1/organisations/${own}/trees`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
        authorization: `Bearer ${await issuer.token('integration', own)}`,
        ...headers,
      },
      body: JSON.stringify(tree),
    });
    return [response.status, ((await response.json()) as { code?: string }).code];
  };

  it('in a body beside the path is refused', async () => {
    const { organisationId: _, ...tree } = aTree(own);
    expect(await plant({ ...tree, organisationId: other })).toEqual([400, 'unknown-property']);
    expect(await plant({ ...tree, tenantId: other })).toEqual([400, 'unknown-property']);
    expect(sample.orchard.trees.has(tree.treeId)).toBe(false);
  });

  it.each(['x-tenant', 'x-tenant-id', 'x-organisation-id', 'organisation-id', 'x-user', 'x-forwarded-user'])(
    'in the header %s is not listened to',
    async (header) => {
      const { organisationId: _, ...tree } = aTree(own);
      expect(await plant(tree, { [header]: other })).toEqual([200, undefined]);
      const planted = sample.orchard.trees.get(tree.treeId);
      expect([planted?.organisationId, planted?.contexts[0]?.organisationId]).toEqual([own, own]);
    },
  );
});

it('a caller that keeps to its own leaves no such event', async () => {
  const token = await issuer.token('integration', own);
  expect(await events(() => wires.grpc.call(PlantTree, aTree(own), { token }))).toEqual([]);
});
