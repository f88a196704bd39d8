import { randomUUID } from 'node:crypto';
import { bothWires, testIssuer, type TestIssuer, WireError } from './testing';
import { ListTrees, PlantTree } from './testing/sample/sample';
import { startSample } from './testing/sample/start-sample';

const RATE = 30;
const AT_ONCE = 4;

let issuer: TestIssuer;
let sample: Awaited<ReturnType<typeof startSample>>;
let wires: ReturnType<typeof bothWires>;

beforeAll(async () => {
  issuer = await testIssuer();
  const limits = { RATE_PEOPLE_PER_MINUTE: RATE, RATE_PROGRAMS_PER_MINUTE: 0, RATE_CALLS_AT_ONCE: AT_ONCE };
  sample = await startSample(issuer, {}, limits);
  wires = bothWires(sample.service);
});
afterAll(async () => {
  wires.close();
  await sample.service.stop();
  await issuer.stop();
});

/** The problem of a call, or `ok`. */
const outcome = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'ok',
    (error: unknown) => (error instanceof WireError ? error.problem : String(error)),
  );

describe.each(['http', 'grpc'] as const)('LIM-50: an organisation that takes all it can get over %s', (name) => {
  it('costs another one no call, and none that waits for its own', async () => {
    const [noisy, quiet] = [randomUUID(), randomUUID()];
    let open = (): void => undefined;
    sample.orchard.gate = new Promise((resolve) => (open = resolve));
    const before = sample.orchard.begun;
    const program = await issuer.token('integration', noisy);
    const plant = () =>
      wires[name].call(
        PlantTree,
        { organisationId: noisy, treeId: randomUUID(), kind: 'oak', heightCm: 1 },
        { token: program },
      );
    const list = (organisationId: string, token: string) =>
      outcome(wires[name].call(ListTrees, { organisationId }, { token }));

    // All its calls at once are taken, and stay so until the end.
    const held = Array.from({ length: AT_ONCE }, plant);
    while (sample.orchard.begun < before + AT_ONCE) await new Promise(setImmediate);
    const storm = await issuer.token('manager', noisy);
    const refused = Array.from({ length: 10 * RATE }, () => list(noisy, storm));
    const other = await issuer.token('manager', quiet);
    const answered = await Promise.all(Array.from({ length: RATE }, () => list(quiet, other)));
    expect(answered).toEqual(Array(RATE).fill('ok'));

    const outcomes = await Promise.all(refused);
    expect(new Set(outcomes)).toEqual(new Set(['rate-limited', 'too-many-at-once']));
    expect(sample.orchard.begun).toBe(before + AT_ONCE);
    open();
    expect(await Promise.all(held)).toHaveLength(AT_ONCE);
  });
});
