import { Controller, Get, Module } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Client, credentials, loadPackageDefinition, Metadata, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath } from 'grpc-health-check';
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { z } from 'zod';
import { CurrentCaller } from './auth-guard';
import type { Caller } from './caller';
import { organisationId as organisation } from './fields';
import { Operation, query } from './operation';
import { Allow, Public } from './policy';
import { bothWires, testIssuer, type TestIssuer } from './testing';
import { PlantTree, SampleModule, sampleOperations } from './testing/sample/sample';
import { startSample } from './testing/sample/start-sample';

const organisationId = randomUUID();
let issuer: TestIssuer;

beforeAll(async () => {
  issuer = await testIssuer();
});
afterAll(() => issuer.stop());

// Timeouts stand still from now on; everything else stays real.
const stopTimeouts = () =>
  jest.useFakeTimers({
    doNotFake: ['Date', 'nextTick', 'setImmediate', 'setInterval', 'queueMicrotask', 'performance', 'hrtime'],
  });

/** Resolves once nobody listens on a port. */
const refusesConnections = async (port: number): Promise<void> => {
  const refused = await new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', () => resolve(true));
  });
  if (!refused) await refusesConnections(port);
};

const aTree = () => ({ organisationId, treeId: randomUUID(), kind: 'scots-pine', heightCm: 1 });

type Check = (request: object, done: (error: Error | null, answer?: { status: string }) => void) => void;
type HealthClient = Client & { check: Check; watch(request: object): NodeJS.EventEmitter };

const healthClient = (port: number): HealthClient => {
  const loaded = loadPackageDefinition(loadSync(protoPath, { enums: String })) as never as {
    grpc: { health: { v1: { Health: ServiceClientConstructor } } };
  };
  return new loaded.grpc.health.v1.Health(`127.0.0.1:${port}`, credentials.createInsecure()) as never as HealthClient;
};

const healthOf = (port: number): Promise<string> => {
  const client = healthClient(port);
  return new Promise<string>((resolve, reject) => {
    client.check({ service: 'sample.v1.SampleService' }, (error, answer) =>
      error ? reject(error) : resolve(answer?.status ?? ''),
    );
  }).finally(() => client.close());
};

describe('a handler without a policy', () => {
  @Controller()
  class OpenDoor {
    @Get('open')
    open(): string {
      return 'open';
    }
  }
  @Controller()
  class OpenRpc {
    @GrpcMethod('SampleService', 'Fail')
    open(): object {
      return {};
    }
  }

  it.each([OpenDoor, OpenRpc])('stops the start: %p', async (door) => {
    @Module({ imports: [SampleModule], controllers: [door] })
    class Careless {}
    await expect(startSample(issuer, { module: Careless })).rejects.toThrow(`No policy on ${door.name}.open`);
  });
});

describe('a handler written by hand', () => {
  @Controller()
  class ByHand {
    @Get('by-hand')
    @Allow('operations')
    show(@CurrentCaller() caller: Caller): { role: string } {
      return { role: caller.role };
    }

    @Get('for-all')
    @Public()
    all(): { open: boolean } {
      return { open: true };
    }
  }
  @Module({ imports: [SampleModule], controllers: [ByHand] })
  class WithHand {}

  it('is guarded by the roles it names, and knows its caller', async () => {
    const sample = await startSample(issuer, { module: WithHand });
    const get = async (role?: 'operations' | 'coach') => {
      const authorization =
        role === undefined ? {} : { authorization: `Bearer ${await issuer.token(role, organisationId)}` };
      const response = await fetch(`${sample.url}/by-hand`, { headers: authorization as Record<string, string> });
      return [response.status, await response.json()];
    };
    expect(await get()).toMatchObject([401, { code: 'unauthenticated' }]);
    expect(await get('coach')).toMatchObject([403, { code: 'role-not-allowed' }]);
    expect(await get('operations')).toEqual([200, { role: 'operations' }]);
    expect((await fetch(`${sample.url}/for-all`)).status).toBe(200);
    await sample.service.stop();
  });
});

describe('an operation that does not fit', () => {
  it('stops the start when the contract has no such rpc', async () => {
    @Operation({ rpc: 'Fell', http: 'GET /fell', allow: ['operations'], summary: 'Fells.' })
    class Fell extends query(z.strictObject({ organisationId: organisation }), z.strictObject({})) {}
    await expect(startSample(issuer, { operations: [...sampleOperations, Fell] })).rejects.toThrow(
      'sample.v1.SampleService has no rpc Fell',
    );
  });

  it('stops the start when its input cannot travel in an address', async () => {
    @Operation({ rpc: 'ListTrees', http: 'GET /trees', allow: ['operations'], summary: 'Lists.' })
    class Listed extends query(
      z.strictObject({ organisationId: organisation, kinds: z.array(z.string()) }),
      z.strictObject({}),
    ) {}
    await expect(startSample(issuer, { operations: [Listed] })).rejects.toThrow('kinds has no place');
  });
});

describe('readiness', () => {
  it('follows the checks on both wires, and liveness does not', async () => {
    let broken = false;
    const database = async (): Promise<void> => {
      if (broken) throw new Error('down');
    };
    const sample = await startSample(issuer, { readiness: { database } });
    const ready = async () => {
      const response = await fetch(`${sample.url}/readyz`);
      return [response.status, await healthOf(sample.service.grpcPort)];
    };
    expect(await ready()).toEqual([200, 'SERVING']);
    broken = true;
    expect(await ready()).toEqual([503, 'NOT_SERVING']);
    expect((await fetch(`${sample.url}/livez`)).status).toBe(200);
    broken = false;
    expect(await ready()).toEqual([200, 'SERVING']);
    await sample.service.stop();
  });

  it('does not wait for a check that hangs', async () => {
    const sample = await startSample(issuer, { readiness: { database: () => new Promise(() => undefined) } });
    const response = await fetch(`${sample.url}/readyz`);
    expect([response.status, await response.json()]).toEqual([503, { status: 'not ready', missing: ['database'] }]);
    await sample.service.stop();
  });
});

describe('stopping', () => {
  it.each(['http', 'grpc'] as const)(
    'says not ready, lets a request over %s finish, then stops the rest',
    async (wire) => {
      const order: string[] = [];
      const sample = await startSample(issuer, {
        drain: [async () => void order.push('workers'), async () => void order.push('pool')],
      });
      const wires = bothWires(sample.service);
      const token = await issuer.token('manager', organisationId);
      let open = (): void => undefined;
      sample.orchard.gate = new Promise((resolve) => (open = resolve));
      const arrived = new Promise<void>((resolve) => sample.orchard.arrived.push(resolve));

      const running = wires[wire].call(PlantTree, aTree(), { token });
      await arrived;
      stopTimeouts();
      const stopped = sample.service.stop().then(() => order.push('stopped'));
      expect(await sample.service.ready()).toEqual(['draining']);
      await refusesConnections(sample.service.httpPort);
      await refusesConnections(sample.service.grpcPort);
      // However long it takes: nothing cuts a request that is still running.
      jest.advanceTimersByTime(20_000);
      jest.useRealTimers();
      order.push('opened');
      open();
      await expect(running).resolves.toMatchObject({ version: 1 });
      await stopped;

      expect(order).toEqual(['opened', 'workers', 'pool', 'stopped']);
      await expect(fetch(`${sample.url}/livez`)).rejects.toThrow();
      await expect(healthOf(sample.service.grpcPort)).rejects.toThrow();
      wires.close();
    },
  );

  it('tells watchers of health first, and does not wait for them', async () => {
    const sample = await startSample(issuer);
    const client = healthClient(sample.service.grpcPort);
    const seen: string[] = [];
    const stream = client.watch({ service: '' });
    stream.on('error', () => undefined);
    await new Promise<void>((resolve) =>
      stream.on('data', ({ status }: { status: string }) => {
        seen.push(status);
        resolve();
      }),
    );
    await sample.service.stop();
    expect(seen).toEqual(['SERVING', 'NOT_SERVING']);
    client.close();
  });
});

describe('figures', () => {
  it('include those that parts expose', async () => {
    const sample = await startSample(issuer, { metrics: [() => ({ event_store_pending: 7 })] });
    const text = await (await fetch(`${sample.url}/metrics`)).text();
    expect(text).toContain('oppi_event_store_pending{service="sample"} 7');
    expect(text).toContain('oppi_auth_jwks_stale_seconds{service="sample"} 0');
    await sample.service.stop();
  });
});

describe('reflection', () => {
  const config = (APP_ENV: 'local' | 'test') => ({
    APP_ENV,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: 0,
    GRPC_HOST: '127.0.0.1',
    GRPC_PORT: 0,
    LOG_LEVEL: 'info' as const,
    ...issuer.config,
  });
  // A listing of services, as grpcurl asks for it: field 7 of the request.
  const reflect = (port: number, version = 'v1'): Promise<string> => {
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    const stream = client.makeBidiStreamRequest(
      `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
      (value: Buffer) => value,
      (value: Buffer) => value,
      new Metadata(),
    );
    return new Promise<string>((resolve, reject) => {
      stream.on('data', (data: Buffer) => resolve(data.toString()));
      stream.on('error', reject);
      stream.write(Buffer.from([0x3a, 0x00]));
    }).finally(() => client.close());
  };

  it('is there in local and nowhere else (AUTH-34)', async () => {
    const local = await startSample(issuer, { config: config('local') });
    await expect(reflect(local.service.grpcPort)).resolves.toContain('sample.v1.SampleService');
    await local.service.stop();
    const other = await startSample(issuer, { config: config('test') });
    for (const version of ['v1', 'v1alpha'])
      await expect(reflect(other.service.grpcPort, version)).rejects.toMatchObject({ code: 12 });
    await other.service.stop();
  });

  it('AUTH-34: the insides of gRPC (channelz) are on show nowhere', async () => {
    for (const appEnv of ['local', 'test', 'production'] as const) {
      const { service } = await startSample(issuer, {}, { APP_ENV: appEnv });
      const client = new Client(`127.0.0.1:${service.grpcPort}`, credentials.createInsecure());
      const raw = (value: Buffer) => value;
      for (const rpc of ['GetTopChannels', 'GetServers', 'GetSocket']) {
        const path = `/grpc.channelz.v1.Channelz/${rpc}`;
        const code = await new Promise((resolve) =>
          client.makeUnaryRequest(path, raw, raw, Buffer.alloc(0), new Metadata(), (error) => resolve(error?.code)),
        );
        expect([appEnv, rpc, code]).toEqual([appEnv, rpc, 12]);
      }
      client.close();
      await service.stop();
    }
  });
});
