import { randomUUID } from 'node:crypto';
import { type Role, CLIENT_ROLES, ROLES } from '../../caller';
import { loadContract, rpcsOf } from '../../grpc-contract';
import { type OperationType, specOf } from '../../operation';
import type { RunningService } from '../../start';
import { bothWires, type Wire, WireError } from '../both-wires';
import type { TestIssuer } from '../issuer';
import { contentOf, type Rows } from './contents';
import { routeOf, validInputOf } from './inputs';
import { keysSuite } from './keys-suite';
import { shapeSuite } from './shape-suite';

/** A running service to try the doors of. */
export type AccessStage = Readonly<{ service: RunningService; issuer: TestIssuer; database: Rows }>;

type AccessOptions = Readonly<{
  operations: readonly OperationType[];
  /** Rpcs that a hand-written controller binds. */
  streams?: readonly string[];
  open: () => Promise<AccessStage>;
  close: () => Promise<void>;
  /** The committed document. */
  openApi: { paths?: Record<string, Record<string, unknown>> };
}>;

// Hundreds of calls each, on machines that have other work to do.
const SWEEP_MS = 180_000;

const PUBLIC = ['GET /livez', 'GET /metrics', 'GET /readyz'];

/** Ids that both organisations use for everything they have. */
const POOL = Array.from({ length: 3 }, () => randomUUID());

const sampleOf = (operation: OperationType, organisationId: string, seed = 1): Record<string, unknown> => ({
  ...validInputOf(operation, POOL, seed),
  organisationId,
});

const call = async (
  wire: Wire,
  operation: OperationType,
  input: object,
  more: object,
): Promise<WireError | undefined> => {
  try {
    await wire.call(operation, input as { organisationId: string }, more);
    return undefined;
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
};

/**
 * What every service must hold, from its list of operations alone, so that a new operation is covered by being listed:
 * nobody without a token, no role that an operation does not name, no organisation but one's own.
 */
export const accessSuite = (name: string, options: AccessOptions): void => {
  const { operations, streams = [], open, close, openApi } = options;

  describe(`the doors of ${name}`, () => {
    let stage: AccessStage;
    let wires: ReturnType<typeof bothWires>;
    const [ours, theirs] = [randomUUID(), randomUUID()];

    beforeAll(async () => {
      stage = await open();
      wires = bothWires(stage.service);
    }, SWEEP_MS);
    afterAll(async () => {
      wires.close();
      await close();
    });

    keysSuite(() => stage.database);

    const tokenOf = (role: Role, organisationId: string): Promise<string> =>
      (CLIENT_ROLES as readonly Role[]).includes(role)
        ? stage.issuer.token(role, organisationId)
        : stage.issuer.token(role, randomUUID(), { clients: [organisationId] });

    const url = (path: string): string => `http://127.0.0.1:${stage.service.httpPort}${path}`;

    it('AUTH-41: are those that the contracts list, and no others', () => {
      const running = stage.service.routes().filter((route) => !route.startsWith('HEAD '));
      const listed = operations.map((operation) => routeOf(name, operation));
      expect(running).toEqual([...PUBLIC, `GET /${name}/openapi.json`, `PUT /${name}/v1/clock`, ...listed].sort());
      const described = Object.entries(openApi.paths ?? {}).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
      );
      expect(described.sort()).toEqual(listed.sort());
    });

    it(
      'AUTH-40, AUTH-41: are shut without a token, every route and every rpc',
      async () => {
        for (const operation of operations) {
          const { method } = specOf(operation);
          const path = routeOf(name, operation).split(' ')[1]?.replaceAll(/:\w+/g, randomUUID()) ?? '';
          const { status } = await fetch(url(path), { method });
          expect([routeOf(name, operation), status]).toEqual([routeOf(name, operation), 401]);
          const refusal = await call(wires.grpc, operation, sampleOf(operation, ours), {});
          expect([operation.name, refusal?.status]).toEqual([operation.name, 16]);
        }
        const { contract } = stage.service;
        const bound = [...operations.map((operation) => specOf(operation).rpc), ...streams].sort();
        expect([...rpcsOf(loadContract(contract), contract.service).keys()].sort()).toEqual(bound);
        for (const rpc of streams) expect([rpc, await wires.streamStatus(rpc)]).toEqual([rpc, 16]);
      },
      SWEEP_MS,
    );

    it(
      'AUTH-42: stay shut however a path is written',
      async () => {
        const variants = (path: string): string[] => [
          `${path}/`,
          `/${path}`,
          path.replace('/v1', '/%76%31'),
          path.toUpperCase(),
          `${path};a=b`,
          path.replace('/v1', '/./v1'),
          `${path}%2f1`,
          `${path}%00`,
          path.replace('/v1', '/v1/..;/v1'),
        ];
        for (const operation of operations) {
          const path =
            routeOf(name, operation)
              .split(' ')[1]
              ?.replaceAll(/:\w+/g, POOL[0] ?? '') ?? '';
          for (const variant of variants(path)) {
            const { status } = await fetch(url(variant), { method: specOf(operation).method });
            expect({ variant, shut: [400, 401, 404, 405].includes(status) }).toEqual({ variant, shut: true });
          }
        }
      },
      SWEEP_MS,
    );

    describe.each(['http', 'grpc'] as const)('over %s', (wireName) => {
      const wire = (): Wire => wires[wireName];
      const status = (http: number, grpc: number): number => ({ http, grpc })[wireName];

      it.each(operations.map((operation) => [operation.name, operation] as const))(
        'PERM-01, API5-2: %s is for the roles it names, and for no other',
        async (_, operation) => {
          for (const role of ROLES) {
            const token = await tokenOf(role, ours);
            const refusal = await call(wire(), operation, sampleOf(operation, ours), { token });
            const turnedAway = refusal?.problem === 'role-not-allowed';
            expect([role, turnedAway]).toEqual([role, !specOf(operation).allow.has(role)]);
            if (turnedAway) expect(refusal.status).toBe(status(403, 7));
          }
        },
        SWEEP_MS,
      );

      it(
        'TEN-11: nobody reaches another organisation that has equal ids of everything, and nothing changes',
        async () => {
          await busyOrganisation(ours);
          await busyOrganisation(theirs);
          await settled();
          const before = await contentOf(stage.database);
          for (const operation of operations) {
            const unknown = randomUUID();
            for (const role of specOf(operation).allow) {
              const token = await tokenOf(role, ours);
              const refusal = await call(wire(), operation, sampleOf(operation, theirs), { token });
              expect([operation.name, role, refusal?.problem, refusal?.status]).toEqual([
                operation.name,
                role,
                'not-found',
                status(404, 5),
              ]);
              // An organisation that is not ours and one that does not exist must look the same.
              const absent = await call(wire(), operation, sampleOf(operation, unknown), { token });
              expect(absent).toEqual(refusal);
            }
          }
          for (const rpc of streams) {
            const message = { organisationId: theirs, importId: 'import-0001', firstIndex: '7', items: [{}] };
            const token = await tokenOf('operations', ours);
            expect([rpc, await wires.streamStatus(rpc, message, { token })]).toEqual([rpc, 5]);
          }
          await settled();
          expect(await contentOf(stage.database)).toEqual(before);
        },
        SWEEP_MS,
      );

      it(
        'TEN-11: what is done at one organisation leaves the same ids of the other as they were',
        async () => {
          await busyOrganisation(theirs);
          await settled();
          const before = await contentOf(stage.database, theirs);
          await busyOrganisation(ours, 77);
          await settled();
          expect(await contentOf(stage.database, theirs)).toEqual(before);
        },
        SWEEP_MS,
      );

      it(
        'IDEM-01: a command without a key is refused and leaves nothing',
        async () => {
          await settled();
          const before = await contentOf(stage.database);
          for (const operation of operations.filter(({ kind }) => kind === 'command')) {
            const [role] = specOf(operation).allow;
            const token = await tokenOf(role as Role, ours);
            const refusal = await call(wire(), operation, sampleOf(operation, ours), { token, requestId: null });
            expect([operation.name, refusal?.problem]).toEqual([operation.name, 'idempotency-key-required']);
          }
          expect(await contentOf(stage.database)).toEqual(before);
        },
        SWEEP_MS,
      );

      /** Every operation by every role that may, so that the organisation has some of everything under the ids of the pool. */
      const busyOrganisation = async (organisationId: string, seed = 5): Promise<void> => {
        for (const operation of operations)
          for (const [i, role] of [...specOf(operation).allow].entries())
            await call(wire(), operation, sampleOf(operation, organisationId, seed + i), {
              token: await tokenOf(role, organisationId),
            });
      };

      /** Resolves when the workers have nothing left to write. */
      const settled = async (): Promise<void> => {
        let last = '';
        for (let same = 0; same < 3;) {
          const now = JSON.stringify(await contentOf(stage.database));
          same = now === last ? same + 1 : 0;
          last = now;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      };
    });

    it(
      'PERM-03: fields that only the server sets, and unknown ones, are refused in a body and change nothing',
      async () => {
        const before = await contentOf(stage.database);
        for (const operation of operations) {
          const { method, path, allow } = specOf(operation);
          if (method !== 'POST' && method !== 'PUT') continue;
          const token = await tokenOf([...allow][0] as Role, ours);
          for (const field of ['tenantId', 'createdBy', 'recordedAt', 'version', 'actorId', 'isAdmin', 'unheardOf']) {
            if (field in operation.inputSchema.shape) continue;
            const input = sampleOf(operation, ours);
            const body = Object.fromEntries(Object.entries(input).filter(([each]) => !path.includes(`:${each}`)));
            const filled = path.replaceAll(/:(\w+)/g, (_, each: string) => encodeURIComponent(String(input[each])));
            const response = await fetch(url(`/${name}/v1${filled}`), {
              method,
              headers: {
                'content-type': 'application/json',
                authorization: `Bearer ${token}`,
                'idempotency-key': randomUUID(),
              },
              body: JSON.stringify({ ...body, [field]: 'x' }),
            });
            const { code, errors } = (await response.json()) as { code: string; errors: { pointer: string }[] };
            expect([operation.name, field, response.status, code]).toEqual([
              operation.name,
              field,
              400,
              'unknown-property',
            ]);
            expect(errors.map(({ pointer }) => pointer)).toEqual([`/${field}`]);
          }
        }
        expect(await contentOf(stage.database)).toEqual(before);
      },
      SWEEP_MS,
    );
  });

  shapeSuite(name, operations);
};
