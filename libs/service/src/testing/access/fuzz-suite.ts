import { randomUUID } from 'node:crypto';
import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { type Role, CLIENT_ROLES } from '../../caller';
import { loadContract, rpcsOf } from '../../grpc-contract';
import { type OperationType, specOf } from '../../operation';
import { decodeStatus } from '../status-details';
import type { AccessStage } from './access-suite';
import { hostileInputsOf, inputsOf, routeOf, validInputOf } from './inputs';

type FuzzOptions = Readonly<{
  operations: readonly OperationType[];
  open: () => Promise<AccessStage>;
  close: () => Promise<void>;
  openApi: { paths?: Record<string, Record<string, { responses?: object }>> };
}>;

/** Cases per wire: few in every test run, many with `npm run fuzz`. The seed repeats a run: `FUZZ_SEED=… npm run fuzz`. */
const CASES = Number(process.env['FUZZ_CASES'] ?? 1_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const AT_ONCE = 25;
const TIME_MS = Math.max(240_000, CASES * 100);

const POOL = Array.from({ length: 4 }, () => randomUUID());

type Case = { operation: OperationType; input: Record<string, unknown>; role: Role; keyed: boolean };

const casesOf = (operations: readonly OperationType[]): fc.Arbitrary<Case> =>
  fc.constantFrom(...operations).chain((operation) =>
    fc.record({
      operation: fc.constant(operation),
      input: fc.oneof(
        { weight: 1, arbitrary: inputsOf(operation, POOL) },
        { weight: 3, arbitrary: hostileInputsOf(operation, POOL) },
      ),
      role: fc.constantFrom(...specOf(operation).allow),
      keyed: fc.integer({ min: 0, max: 19 }).map((n) => n > 0),
    }),
  );

const batches = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(one, { minLength: AT_ONCE, maxLength: AT_ONCE });

const check = async <T>(one: fc.Arbitrary<T>, judge: (of: T) => Promise<void>): Promise<void> => {
  const property = fc.asyncProperty(batches(one), async (cases) => {
    await Promise.all(cases.map(judge));
  });
  await fc.assert(property, {
    seed: SEED,
    numRuns: Math.max(1, Math.round(CASES / AT_ONCE)),
    interruptAfterTimeLimit: TIME_MS,
    markInterruptAsFailure: true, // or the number of cases in the title would be a wish
    endOnFailure: true, // a batch as it failed says more than one shrunk against a database that went on
  });
};

/** Sends what nobody should, over both wires. */
export const fuzzSuite = (name: string, options: FuzzOptions): void => {
  const { operations, open, close, openApi } = options;

  describe(`${name} under bad input (F80, F81; seed ${SEED}, ${CASES} cases a wire)`, () => {
    let stage: AccessStage;
    let client: Client;
    const tokens = new Map<Role, string>();
    const refused: string[] = [];
    let accepted = 0;
    const organisationId = randomUUID();

    beforeAll(async () => {
      stage = await open();
      client = new Client(`127.0.0.1:${stage.service.grpcPort}`, credentials.createInsecure());
      for (const role of new Set(operations.flatMap((operation) => [...specOf(operation).allow]))) {
        const isClient = (CLIENT_ROLES as readonly Role[]).includes(role);
        const token = isClient
          ? stage.issuer.token(role, organisationId)
          : stage.issuer.token(role, randomUUID(), { clients: [organisationId] });
        tokens.set(role, await token);
      }
    }, TIME_MS);
    afterAll(async () => {
      client.close();
      await close();
    });

    const note = (ok: boolean, requestId: string | undefined): void => {
      if (ok) accepted += 1;
      else if (requestId !== undefined) refused.push(requestId);
    };

    const documented = (operation: OperationType): Set<number> => {
      const [method = '', path = ''] = routeOf(name, operation).split(' ');
      const described = openApi.paths?.[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
      return new Set(Object.keys(described?.responses ?? {}).map(Number));
    };

    const addressOf = ({ operation, input }: Case): { url: string; body?: string } => {
      const { method, path, pathFields } = specOf(operation);
      const filled = path.replaceAll(/:(\w+)/g, (_, field: string) =>
        field === 'organisationId' ? organisationId : encoded(input[field]),
      );
      const base = `http://127.0.0.1:${stage.service.httpPort}/${name}/v1${filled}`;
      const rest = Object.entries(input).filter(([field]) => !pathFields.includes(field));
      if (method === 'POST' || method === 'PUT') return { url: base, body: JSON.stringify(Object.fromEntries(rest)) };
      const query = rest
        .filter(([, value]) => value !== undefined)
        .map(([field, value]) => `${encoded(field)}=${encoded(value)}`);
      return { url: query.length > 0 ? `${base}?${query.join('&')}` : base };
    };

    const judgeAnswer = (one: { status: number; type: string; text: string }, allowed: Set<number>): void => {
      const about = JSON.stringify({ ...one, text: one.text.slice(0, 300) });
      if (!allowed.has(one.status)) throw new Error(`not documented: ${about}`);
      // 503 is what an overloaded machine may say, and honest.
      if (one.status >= 500 && one.status !== 503) throw new Error(`a fault of ours: ${about}`);
      if (one.status >= 400) {
        if (!one.type.startsWith('application/problem+json')) throw new Error(`no problem: ${about}`);
        const problem = JSON.parse(one.text) as { code?: string; status?: number };
        if (!problem.code || problem.status !== one.status) throw new Error(`a problem without its code: ${about}`);
      }
    };

    it(
      'answers REST as its document says, and never with a fault of its own',
      async () => {
        await check(casesOf(operations), async (one) => {
          const { url, body } = addressOf(one);
          // Not from the generator, which likes to repeat itself; a key that was used is refused for that.
          const requestId = one.keyed ? randomUUID() : undefined;
          const response = await fetch(url, {
            method: specOf(one.operation).method,
            headers: {
              authorization: `Bearer ${tokens.get(one.role) ?? ''}`,
              ...(body === undefined ? {} : { 'content-type': 'application/json' }),
              ...(requestId === undefined ? {} : { 'idempotency-key': requestId }),
            },
            ...(body === undefined ? {} : { body }),
          });
          const text = await response.text();
          const type = response.headers.get('content-type') ?? '';
          // An id that is no segment makes another path.
          const allowed = new Set([...documented(one.operation), 404, 405]);
          judgeAnswer({ status: response.status, type, text }, allowed);
          if (response.ok) one.operation.outputSchema.parse(JSON.parse(text));
          note(response.ok, requestId);
        });
      },
      TIME_MS + 60_000,
    );

    it(
      'refuses bodies that are no JSON, and JSON that is no input',
      async () => {
        const withBody = operations.filter((operation) => ['POST', 'PUT'].includes(specOf(operation).method));
        if (withBody.length === 0) return;
        const bodies = fc.oneof(
          fc.string({ unit: 'binary', maxLength: 200 }),
          fc.json({ maxDepth: 6 }),
          fc.json().map((text) => text.slice(0, -1)),
          fc.integer({ min: 1, max: 5_000 }).map((depth) => '{"a":'.repeat(depth)),
          fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
        );
        const cases = fc.record({ operation: fc.constantFrom(...withBody), body: bodies });
        await check(cases, async ({ operation, body }) => {
          const requestId = randomUUID();
          const { url } = addressOf({ operation, input: sample(operation), role: 'operations', keyed: true });
          const [role] = specOf(operation).allow;
          const headers = {
            'content-type': 'application/json',
            authorization: `Bearer ${tokens.get(role as Role) ?? ''}`,
          };
          const response = await fetch(url, {
            method: specOf(operation).method,
            headers: { ...headers, 'idempotency-key': requestId },
            body,
          });
          const text = await response.text();
          judgeAnswer(
            { status: response.status, type: response.headers.get('content-type') ?? '', text },
            documented(operation),
          );
          if (!response.ok) refused.push(requestId);
        });
      },
      TIME_MS + 60_000,
    );

    const sample = (operation: OperationType): Record<string, unknown> => validInputOf(operation, POOL);

    const send = (rpc: string, bytes: Buffer, role: Role): Promise<{ code: number; problem: string }> => {
      const metadata = new Metadata();
      metadata.set('authorization', `Bearer ${tokens.get(role) ?? ''}`);
      const raw = (value: Buffer): Buffer => value;
      return new Promise((resolve) => {
        client.makeUnaryRequest(`/${stage.service.contract.service}/${rpc}`, raw, raw, bytes, metadata, (error) => {
          const [details] = error?.metadata.get('grpc-status-details-bin') ?? [];
          const problem = Buffer.isBuffer(details) ? (decodeStatus(details).code ?? '') : '';
          resolve({ code: error?.code ?? 0, problem: error ? problem : 'ok' });
        });
      });
    };

    const DEADLINE: number = status.DEADLINE_EXCEEDED;
    const OURS = new Set<number>([status.INTERNAL, status.UNKNOWN, status.UNIMPLEMENTED, status.DATA_LOSS]);

    const judgeCall = (rpc: string, { code, problem }: { code: number; problem: string }, bytes: Buffer): void => {
      if (OURS.has(code) || (problem === '' && code !== DEADLINE))
        throw new Error(`${rpc} answered ${status[code] ?? code} ${problem} to ${bytes.toString('hex').slice(0, 600)}`);
    };

    it(
      'answers gRPC with a refusal of its table to any message',
      async () => {
        const { contract } = stage.service;
        const rpcs = rpcsOf(loadContract(contract), contract.service);
        const encode = ({ operation, input }: Case, requestId: string | undefined): Buffer => {
          const message = { ...input, organisationId, ...(requestId === undefined ? {} : { requestId }) };
          try {
            return (
              rpcs.get(specOf(operation).rpc) as { requestSerialize: (value: object) => Buffer }
            ).requestSerialize(message);
          } catch {
            return Buffer.from(JSON.stringify(input)); // what protobuf itself cannot say is sent as bytes that mean nothing
          }
        };
        const damage = fc.record({
          at: fc.nat(),
          with: fc.uint8Array({ maxLength: 12 }),
          cut: fc.boolean(),
          intact: fc.boolean(),
        });
        await check(fc.tuple(casesOf(operations), damage), async ([one, { at, with: bytes, cut, intact }]) => {
          const requestId = one.keyed ? randomUUID() : undefined;
          const whole = encode(one, requestId);
          const place = whole.length === 0 ? 0 : at % whole.length;
          const rest = cut ? Buffer.alloc(0) : whole.subarray(place + bytes.length);
          const sent = intact ? whole : Buffer.concat([whole.subarray(0, place), bytes, rest]);
          const { rpc } = specOf(one.operation);
          const answer = await send(rpc, sent, one.role);
          judgeCall(rpc, answer, sent);
          if (intact && answer.code !== 0 && requestId !== undefined) refused.push(requestId);
        });
      },
      TIME_MS + 60_000,
    );

    it('IDEM-05, I3: has written nothing of what it refused', async () => {
      const { rows: tables } = await stage.database.query(
        `select table_name as name from information_schema.columns where table_schema = 'public' and column_name = 'command_id'`,
      );
      for (const { name: table = '' } of tables) {
        const { rows } = await stage.database.query(`select count(*) as n from ${table} where command_id = any($1)`, [
          refused,
        ]);
        expect([table, rows[0]?.['n']]).toEqual([table, '0']);
      }
      // Both happened, or the inputs have gone astray.
      expect([refused.length > 0, accepted > 0]).toEqual([true, true]);
    });

    it('is ready still', async () => {
      expect(await stage.service.ready()).toEqual([]);
    });
  });
};

const encoded = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? '-');
  // Lone surrogates have no encoding; a segment of nothing would be another path.
  return encodeURIComponent(Buffer.from(text.slice(0, 1_500)).toString()) || '-';
};
