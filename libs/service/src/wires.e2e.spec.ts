import { randomUUID } from 'node:crypto';
import { bothWires, testIssuer, type TestIssuer, type Wire } from './testing';
import { Dispatcher } from './dispatcher';
import { Fail, GetTree, ListTrees, PlantTree, PruneTree, SECRET } from './testing/sample/sample';
import { startSample } from './testing/sample/start-sample';

const organisationId = randomUUID();
let issuer: TestIssuer;
let sample: Awaited<ReturnType<typeof startSample>>;
let wires: ReturnType<typeof bothWires>;
let token: string;
let operations: string;

beforeAll(async () => {
  issuer = await testIssuer();
  sample = await startSample(issuer);
  wires = bothWires(sample.service);
  token = await issuer.token('manager', organisationId);
  operations = await issuer.token('operations', randomUUID(), { clients: '*' });
});

afterAll(async () => {
  wires.close();
  await sample.service.stop();
  await issuer.stop();
});

const aTree = <M extends object = object>(more?: M) => ({
  organisationId,
  treeId: randomUUID(),
  kind: 'scots-pine',
  heightCm: 0,
  ...(more ?? ({} as M)),
});
const anHour = 3_600_000;
const inAnHour = () => new Date(Date.now() + anHour).toISOString();
const anHourAgo = () => new Date(Date.now() - anHour).toISOString();

describe.each(['http', 'grpc'] as const)('an operation over %s', (name) => {
  const wire = (): Wire => wires[name];
  const status = (http: number, grpc: number) => ({ http, grpc })[name];
  const refused = (problem: string, http: number, grpc: number) => ({ problem, status: status(http, grpc) });

  it('runs, and answers what a query then shows', async () => {
    const tree = aTree({ branches: [{ name: 'low', lengthCm: 0 }], note: 'by the lake' });
    const planted = await wire().call(PlantTree, tree, { token });
    expect(planted).toEqual({ version: 1, position: expect.any(String) as string, replayed: false });
    const { organisationId: _, ...shown } = tree;
    await expect(wire().call(GetTree, { organisationId, treeId: tree.treeId }, { token })).resolves.toEqual({
      ...shown,
      evergreen: false,
      plantedAt: expect.stringMatching(/Z$/) as string,
      version: 1,
    });
  });

  it('takes numbers and flags of a query', async () => {
    await wire().call(PlantTree, aTree({ evergreen: true }), { token });
    const { treeIds } = await wire().call(ListTrees, { organisationId, limit: 1, evergreen: true }, { token });
    expect(treeIds).toHaveLength(1);
  });

  it.each([
    ['text for a number', { limit: 'many' }, '/limit'],
    ['a limit over 200', { limit: 201 }, '/limit'],
    ['a limit of zero', { limit: 0 }, '/limit'],
  ])('LIM-04, API4-2: refuses %s', async (what, input, pointer) => {
    // Protobuf has no text for a number: there the client itself sends none.
    if (name === 'grpc' && what.startsWith('text')) return;
    const call = wire().call(ListTrees, { organisationId, ...input } as { organisationId: string }, { token });
    await expect(call).rejects.toMatchObject({
      ...refused('invalid-request', 400, 3),
      violations: [{ pointer }],
    });
  });

  it('names each field that is wrong, and repeats no value', async () => {
    const tree = aTree({ kind: 'Not Kebab', heightCm: 10_001, branches: [{ name: '\u0007', lengthCm: 1 }] });
    const failure: unknown = await wire()
      .call(PlantTree, tree, { token })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      ...refused('invalid-request', 400, 3),
      violations: [{ pointer: '/kind' }, { pointer: '/heightCm' }, { pointer: '/branches/0/name' }],
    });
    expect(JSON.stringify(failure)).not.toContain('Not Kebab');
  });

  it('refuses a field that is missing', async () => {
    const { kind: _, ...rest } = aTree();
    await expect(wire().call(PlantTree, { ...rest, kind: '' }, { token })).rejects.toMatchObject({
      ...refused('invalid-request', 400, 3),
      violations: [{ pointer: '/kind' }],
    });
  });

  it('IDEM-03, IDEM-04, IDEM-08: answers a repeat under the same key with the stored answer, and refuses another command under it', async () => {
    const requestId = randomUUID();
    const tree = aTree();
    const first = await wire().call(PlantTree, tree, { token, requestId });
    await expect(wire().call(PlantTree, tree, { token, requestId })).resolves.toEqual({ ...first, replayed: true });
    await expect(wire().call(PlantTree, aTree(), { token, requestId })).rejects.toMatchObject(
      refused('key-in-use', 409, 6),
    );
  });

  it('IDEM-08: gives a repeat over the other wire the same answer: the fingerprint is the same', async () => {
    const requestId = randomUUID();
    const tree = aTree({ branches: [{ name: 'low', lengthCm: 0, leaves: 0 }] });
    const first = await wire().call(PlantTree, tree, { token, requestId });
    const other = name === 'http' ? wires.grpc : wires.http;
    await expect(other.call(PlantTree, tree, { token, requestId })).resolves.toEqual({ ...first, replayed: true });
  });

  it.each([
    ['none', null, 'idempotency-key-required'],
    ['a short one', '1234567', 'idempotency-key-malformed'],
    ['a long one', 'x'.repeat(256), 'idempotency-key-malformed'],
    ['one with a space', 'a key with spaces', 'idempotency-key-malformed'],
  ])('IDEM-01, IDEM-08: needs a key for a command: %s', async (_, requestId, problem) => {
    await expect(wire().call(PlantTree, aTree(), { token, requestId })).rejects.toMatchObject(refused(problem, 400, 3));
  });

  it('CONC-02: needs the version where an operation says so, and refuses one that is no longer true', async () => {
    const { treeId } = aTree();
    await wire().call(PlantTree, aTree({ treeId }), { token });
    const prune = (expectedVersion?: number) =>
      wire().call(
        PruneTree,
        { organisationId, treeId },
        { token, ...(expectedVersion === undefined ? {} : { expectedVersion }) },
      );
    await expect(prune()).rejects.toMatchObject(refused('expected-version-required', 428, 9));
    await expect(prune(1)).resolves.toMatchObject({ version: 2 });
    await expect(prune(1)).rejects.toMatchObject(refused('version-stale', 412, 10));
  });

  it('refuses a role that the operation does not name', async () => {
    const learner = await issuer.token('learner', organisationId);
    await expect(wire().call(PlantTree, aTree(), { token: learner })).rejects.toMatchObject(
      refused('role-not-allowed', 403, 7),
    );
  });

  it("hides another client's organisation as if there were none", async () => {
    const other = { organisationId: randomUUID(), treeId: randomUUID() };
    await expect(wire().call(GetTree, other, { token })).rejects.toMatchObject(refused('not-found', 404, 5));
  });

  it('lets the provider name its clients only', async () => {
    const forOne = await issuer.token('operations', randomUUID(), { clients: [organisationId] });
    const forNone = await issuer.token('operations', randomUUID());
    await expect(wire().call(PlantTree, aTree(), { token: forOne })).resolves.toMatchObject({ version: 1 });
    await expect(wire().call(PlantTree, aTree(), { token: forNone })).rejects.toMatchObject(
      refused('not-found', 404, 5),
    );
  });

  it('does not let a client widen its reach by a claim', async () => {
    const greedy = await issuer.token('manager', randomUUID(), { clients: '*' });
    await expect(wire().call(PlantTree, aTree(), { token: greedy })).rejects.toMatchObject(
      refused('not-found', 404, 5),
    );
  });

  it('E1: refuses what has not happened yet, and lets only some roles date back', async () => {
    const plant = (occurredAt: string, by: string) => wire().call(PlantTree, aTree({ occurredAt }), { token: by });
    const integration = await issuer.token('integration', organisationId);
    await expect(plant(inAnHour(), operations)).rejects.toMatchObject(refused('occurred-in-future', 422, 9));
    await expect(plant(anHourAgo(), token)).rejects.toMatchObject(refused('backdating-not-allowed', 403, 7));
    await expect(plant(anHourAgo(), operations)).resolves.toMatchObject({ version: 1 });
    await expect(plant(anHourAgo(), integration)).resolves.toMatchObject({ version: 1 });
  });

  it.each([
    ['invalid', 400, 3],
    ['unauthenticated', 401, 16],
    ['forbidden', 403, 7],
    ['not-found', 404, 5],
    ['conflict', 409, 6],
    ['unknown-yet', 409, 10],
    ['stale', 412, 10],
    ['version-required', 428, 9],
    ['refused', 422, 9],
    ['too-large', 413, 8],
    ['too-many', 429, 8],
    ['unavailable', 503, 14],
  ])('ERR-02, ERR-03: reports %s', async (how, http, grpc) => {
    await expect(wire().call(Fail, { organisationId, how }, { token: operations })).rejects.toMatchObject(
      refused(`sample-${how}`, http, grpc),
    );
  });

  it('API8-3: says of a bug only that there is one, and logs it once with its trace', async () => {
    const before = sample.lines.length;
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const failure: unknown = await wire()
      .call(Fail, { organisationId, how: 'bug' }, { token: operations, traceparent })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject(refused('internal', 500, 13));
    expect(JSON.stringify(failure) + String(failure)).not.toContain(SECRET);
    const errors = sample.lines.slice(before).filter(({ level }) => level === 'error');
    expect(errors).toEqual([expect.objectContaining({ trace_id: '4bf92f3577b34da6a3ce929d0e0e4736' })]);
  });

  it('calls a database that is down unavailable', async () => {
    await expect(wire().call(Fail, { organisationId, how: 'database' }, { token: operations })).rejects.toMatchObject(
      refused('dependency-unavailable', 503, 14),
    );
  });

  it('does not let out what the output schema does not name', async () => {
    await expect(wire().call(Fail, { organisationId, how: 'output' }, { token: operations })).rejects.toMatchObject(
      refused('internal', 500, 13),
    );
  });

  it('carries the trace from the caller into the command', async () => {
    const { treeId } = aTree();
    const traceparent = `00-${'a'.repeat(32)}-00f067aa0ba902b7-01`;
    await wire().call(PlantTree, aTree({ treeId }), { token, traceparent });
    const [context] = sample.orchard.trees.get(treeId)?.contexts ?? [];
    expect(context).toMatchObject({ correlationId: 'a'.repeat(32), imported: false });
    expect(context?.traceparent).toMatch(/^00-a{32}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$/);
  });

  it('leaves one line and one measurement per request', async () => {
    const before = sample.lines.length;
    await wire().call(ListTrees, { organisationId }, { token });
    // The line is written after the answer has left.
    while (!sample.lines.slice(before).some(({ msg }) => msg === 'request')) await new Promise(setImmediate);
    const lines = sample.lines.slice(before).filter(({ msg }) => msg === 'request');
    expect(lines).toEqual([expect.objectContaining({ operation: 'ListTrees', wire: name, code: 'ok' })]);
    const metrics = (await (await fetch(`${sample.url}/metrics`)).text()).split('\n');
    const labels = [
      'duration_seconds_count',
      'operation="ListTrees"',
      `wire="${name}"`,
      'code="ok"',
      'service="sample"',
    ];
    expect(metrics.filter((line) => labels.every((label) => line.includes(label)))).toHaveLength(1);
  });

  it('LIM-01, LIM-08: refuses more than it takes at once', async () => {
    const tree = {
      ...aTree(),
      branches: Array.from({ length: 60_000 }, () => ({ name: 'a long name here', lengthCm: 1 })),
    };
    await expect(wire().call(PlantTree, tree, { token })).rejects.toMatchObject({ status: status(413, 8) });
  });
});

describe('the dispatcher without a wire', () => {
  it('E1: lets a bulk import date back what it brings, and marks it', async () => {
    const dispatcher = sample.service.app.get(Dispatcher);
    const input = aTree({ occurredAt: anHourAgo() });
    const caller = { actorId: randomUUID(), role: 'manager', organisationId, clients: [], clientId: 'import' } as const;
    const requestId = randomUUID();
    await expect(dispatcher.dispatch(PlantTree, input, caller, { requestId })).rejects.toMatchObject({
      code: 'backdating-not-allowed',
    });
    await dispatcher.dispatch(PlantTree, input, caller, { requestId, imported: true, causationId: 'line-7' });
    const [context] = sample.orchard.trees.get(input.treeId)?.contexts ?? [];
    expect(context).toMatchObject({
      imported: true,
      occurredAt: input.occurredAt,
      causationId: 'line-7',
      commandId: requestId,
      actor: { id: caller.actorId, role: 'manager' },
    });
    expect(context && context.now > context.occurredAt).toBe(true);
  });
});
