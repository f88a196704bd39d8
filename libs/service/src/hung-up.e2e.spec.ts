import { randomUUID } from 'node:crypto';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { Inject, Module } from '@nestjs/common';
import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DATABASE, type Database, openPool, openReads, type Reads } from '@oppi/database';
import { freshDatabase, type FreshDatabase } from '@oppi/testing';
import { z } from 'zod';
import { organisationId as organisation } from './fields';
import { loadContract, rpcsOf } from './grpc-contract';
import { Operation, query, specOf } from './operation';
import { bothWires, testIssuer, type TestIssuer } from './testing';
import { sampleContract, startSample } from './testing/sample/start-sample';
import { Orchard } from './testing/sample/sample';

/** Reads for as many seconds as it is told to. */
@Operation({
  rpc: 'Fail',
  http: 'GET /organisations/:organisationId/failures/:how',
  allow: ['operations'],
  summary: 'Reads slowly.',
})
class ReadSlowly extends query(
  z.strictObject({ organisationId: organisation, how: z.string() }),
  z.strictObject({ how: z.string() }),
) {}

@QueryHandler(ReadSlowly)
class ReadSlowlyHandler implements IQueryHandler<ReadSlowly> {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  async execute({ input: { how } }: ReadSlowly): Promise<{ how: string }> {
    await this.database.query('select pg_sleep($1)', [Number(how)]);
    return { how };
  }
}

const organisationId = randomUUID();
let database: FreshDatabase;
let reads: Reads;
let issuer: TestIssuer;
let sample: Awaited<ReturnType<typeof startSample>>;
let wires: ReturnType<typeof bothWires>;
let token: string;

beforeAll(async () => {
  database = await freshDatabase([]);
  const loud = (error: Error): void => {
    throw error;
  };
  reads = openReads(openPool(database.url, loud, { max: 2 }), database.url, loud);
  @Module({ providers: [Orchard, ReadSlowlyHandler, { provide: DATABASE, useValue: reads }] })
  class SlowModule {}
  issuer = await testIssuer();
  sample = await startSample(issuer, { module: SlowModule, operations: [ReadSlowly] });
  wires = bothWires(sample.service);
  token = await issuer.token('operations', organisationId);
});
afterAll(async () => {
  wires.close();
  await sample.service.stop();
  await Promise.all([reads.end(), issuer.stop()]);
  await database.drop();
});

const running = async (): Promise<number> => {
  const { rowCount } = await database.pool.query(
    `select from pg_stat_activity where datname = current_database() and state = 'active' and query like '%pg_sleep($1)%'
     and pid <> pg_backend_pid()`,
  );
  return rowCount ?? 0;
};
const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
};

/** A call for a read of an hour, and what its caller does to give it up. */
const calls = {
  http: () => {
    const controller = new AbortController();
    const path = `/sample/v1/organisations/${organisationId}/failures/3600`;
    const answer = fetch(`${sample.url}${path}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: controller.signal,
    }).catch((error: unknown) => error);
    return { answer, giveUp: () => controller.abort() };
  },
  grpc: (until = Infinity) => {
    const client = new Client(`127.0.0.1:${sample.service.grpcPort}`, credentials.createInsecure());
    const rpc = rpcsOf(loadContract(sampleContract), sampleContract.service).get(specOf(ReadSlowly).rpc)!;
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    const { path, requestSerialize, responseDeserialize } = rpc;
    let giveUp = (): void => undefined;
    const answer = new Promise((resolve) => {
      const request = { organisationId, how: '3600' };
      const options = { deadline: until };
      const call = client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadata,
        options,
        resolve,
      );
      giveUp = () => call.cancel();
    }).finally(() => client.close());
    return { answer, giveUp };
  },
};

describe('LIM-10: a read whose caller has given it up', () => {
  it.each(['http', 'grpc'] as const)('ends over %s, and the read of another caller does not', async (name) => {
    const other = wires[name].call(ReadSlowly, { organisationId, how: '0.5' }, { token });
    const { answer, giveUp } = calls[name]();
    await until(async () => (await running()) === 2);
    giveUp();
    await answer;
    await expect(other).resolves.toEqual({ how: '0.5' });
    await until(async () => (await running()) === 0);
    expect(sample.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });

  it('ends when the deadline passes', async () => {
    const { answer } = calls.grpc(Date.now() + 1_000);
    await until(async () => (await running()) === 1);
    expect(await answer).toMatchObject({ code: 4 });
    await until(async () => (await running()) === 0);
  });

  it('does not begin when it still waited for a connection', async () => {
    const held = await Promise.all([reads.connect(), reads.connect()]);
    const { answer, giveUp } = calls.grpc();
    const asked = jest.spyOn(reads, 'query');
    await until(async () => asked.mock.calls.length === 1);
    const before = sample.lines.length;
    giveUp();
    await answer;
    await until(async () => sample.lines.slice(before).some(({ code }) => code === 'cancelled'));
    const behind = reads.query('select 1');
    for (const session of held) session.release();
    await behind;
    expect(await running()).toBe(0);
  });
});
