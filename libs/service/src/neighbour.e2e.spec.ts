import { randomUUID } from 'node:crypto';
import { Client, credentials, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { withAuthorization } from './authorization';
import { Neighbour, NEIGHBOUR_CHANNEL, type Question } from './neighbour';
import { Patience, withPatience } from './patience';
import { TooSlow } from './problem';
import { inTrace, startTrace, traceparentOf } from './trace';

const json = <T>() => ({
  write: (value: T): Buffer => Buffer.from(JSON.stringify(value)),
  read: (bytes: Buffer): T => JSON.parse(bytes.toString()) as T,
});
type Heard = Readonly<{ authorization?: string; traceparent?: string; deadlineMs: number }>;
const question: Question<{ how: string }, Heard> = {
  path: '/street.v1.Street/Ask',
  requestSerialize: json<{ how: string }>().write,
  responseDeserialize: json<Heard>().read,
};

/** Answers what it heard of the caller, refuses, or stays silent, as it is asked to. */
const street = async () => {
  const server = new Server();
  let calls = 0;
  const definition = {
    ask: {
      ...question,
      requestStream: false,
      responseStream: false,
      requestDeserialize: json<{ how: string }>().read,
      responseSerialize: json<Heard>().write,
    },
  } as const;
  server.addService(definition, {
    ask: (
      call: { request: { how: string }; metadata: { get(name: string): unknown[] }; getDeadline(): unknown },
      done: (error: object | null, answer?: Heard) => void,
    ) => {
      calls += 1;
      if (call.request.how === 'silent') return;
      if (call.request.how === 'refuse') return done({ code: status.FAILED_PRECONDITION, details: 'a-rule: No.' });
      const [authorization, traceparent] = ['authorization', 'traceparent'].map((name) => call.metadata.get(name)[0]);
      return done(null, { authorization, traceparent, deadlineMs: Number(call.getDeadline()) - Date.now() } as Heard);
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { port, calls: () => calls, stop: () => server.forceShutdown() };
};

let there: Awaited<ReturnType<typeof street>>;
let neighbour: Neighbour;
const openNeighbour = (port: number, deadlineMs: number): Neighbour =>
  new Neighbour({
    name: 'street',
    client: new Client(`127.0.0.1:${port}`, credentials.createInsecure(), NEIGHBOUR_CHANNEL),
    deadlineMs,
  });

beforeEach(async () => {
  there = await street();
  neighbour = openNeighbour(there.port, 2_000);
});
afterEach(async () => {
  await neighbour.close();
  there.stop();
});

const unavailable = { kind: 'unavailable', code: 'dependency-unavailable' };

it("asks with the caller's authorization and trace, and a deadline", async () => {
  const trace = startTrace();
  const authorization = `Bearer ${randomUUID()}`;
  const heard = await inTrace(trace, () =>
    withAuthorization(authorization, () => neighbour.ask(question, { how: 'yes' })),
  );
  const { deadlineMs, ...about } = heard;
  expect(about).toEqual({ authorization, traceparent: traceparentOf(trace) });
  expect(deadlineMs).toBeLessThanOrEqual(2_000);
});

it('asks without either where there is neither', async () => {
  expect(await neighbour.ask(question, { how: 'yes' })).toEqual({ deadlineMs: expect.any(Number) as number });
});

it('hands on a refusal as it is, and goes on asking', async () => {
  for (let i = 0; i < 5; i += 1)
    await expect(neighbour.ask(question, { how: 'refuse' })).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
      details: 'a-rule: No.',
    });
  expect(there.calls()).toBe(5);
});

it('says unavailable when nobody answers in time, and then spares the neighbour for a while', async () => {
  await neighbour.close();
  neighbour = openNeighbour(there.port, 50);
  for (let i = 0; i < 6; i += 1)
    await expect(neighbour.ask(question, { how: 'silent' })).rejects.toMatchObject(unavailable);
  expect(neighbour.metrics()).toEqual({ street_asked_total: 3, street_unanswered_total: 3, street_spared_total: 3 });
});

it('says unavailable when nobody is there', async () => {
  there.stop();
  await expect(neighbour.ask(question, { how: 'yes' })).rejects.toMatchObject(unavailable);
});

describe('LIM-10: a caller who waits for less than the neighbour may take', () => {
  it('has it asked for what is left, minus 50 ms for the way back', async () => {
    await neighbour.close();
    neighbour = openNeighbour(there.port, 60_000);
    const ask = () => neighbour.ask(question, { how: 'yes' });
    const { deadlineMs } = await withPatience(new Patience(20_000), ask);
    // What is heard is less by the way there, which may be long on a busy machine.
    expect(deadlineMs).toBeLessThanOrEqual(19_950);
    expect(deadlineMs).toBeGreaterThan(1_000);
    expect((await ask()).deadlineMs).toBeGreaterThan(20_000);
  });

  it('has nobody asked when nothing is left', async () => {
    const ask = () => neighbour.ask(question, { how: 'yes' });
    await expect(withPatience(new Patience(50), ask)).rejects.toBeInstanceOf(TooSlow);
    expect([there.calls(), neighbour.metrics()['street_asked_total']]).toEqual([0, 0]);
  });

  it('does not have the neighbour spared for the others', async () => {
    const ask = (how: string) => neighbour.ask(question, { how });
    for (let i = 0; i < 4; i += 1)
      await expect(withPatience(new Patience(100), () => ask('silent'))).rejects.toMatchObject(unavailable);
    await expect(ask('yes')).resolves.toBeDefined();
    expect(neighbour.metrics()).toEqual({ street_asked_total: 5, street_unanswered_total: 4, street_spared_total: 0 });
  });
});
