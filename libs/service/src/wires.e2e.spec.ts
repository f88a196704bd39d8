import { randomUUID } from 'node:crypto';
import { bothWires, testIssuer, type TestIssuer, type Wire } from './testing';
import { GetTree, ListTrees, PlantTree } from './testing/sample/sample';
import { startSample } from './testing/sample/start-sample';

const organisationId = randomUUID();
let issuer: TestIssuer;
let sample: Awaited<ReturnType<typeof startSample>>;
let wires: ReturnType<typeof bothWires>;
let token: string;

beforeAll(async () => {
  issuer = await testIssuer();
  sample = await startSample(issuer);
  wires = bothWires(sample.service);
  token = await issuer.token('manager', organisationId);
});

afterAll(async () => {
  wires.close();
  await sample.service.stop();
  await issuer.stop();
});

const aTree = () => ({ organisationId, treeId: randomUUID(), kind: 'scots-pine', heightCm: 0 });

describe.each(['http', 'grpc'] as const)('an operation over %s', (name) => {
  const wire = (): Wire => wires[name];

  it('runs, and answers what a query then shows', async () => {
    const tree = aTree();
    const planted = await wire().call(PlantTree, tree, { token });
    expect(planted).toEqual({ version: 1, position: expect.any(String) as string, replayed: false });
    const shown = await wire().call(GetTree, { organisationId, treeId: tree.treeId }, { token });
    expect(shown).toMatchObject({ kind: 'scots-pine', heightCm: 0, evergreen: false, branches: [], version: 1 });
  });

  it('takes numbers and flags of a query', async () => {
    const { treeIds } = await wire().call(ListTrees, { organisationId, limit: 1, evergreen: false }, { token });
    expect(treeIds).toHaveLength(1);
  });
});
