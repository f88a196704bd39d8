import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { busMigrations, PgLogBus } from '@oppi/messaging';
import { bothWires, testIssuer, type Wire } from '@oppi/service/testing';
import { freshDatabase } from '@oppi/testing';
import { findDue } from './billing/due';
import { readPositions } from './billing/read-positions';
import { message, type Said, says } from './goal-and-coaching-say.fixtures';
import { reportingMigrations } from './infrastructure/migrations';
import { startReporting } from './reporting.module';

const quiet = (): void => undefined;

/** Tries until it holds. */
export const eventually = async (check: () => Promise<void>): Promise<void> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await check();
      return;
    } catch (error) {
      if (attempt === 150) throw error;
      await pause(50);
    }
  }
};

/** The real service on real databases and the embedded bus; it can be stopped and started again, or twice. */
export const reportingOnStage = async () => {
  const [database, log, issuer, folder] = await Promise.all([
    freshDatabase(reportingMigrations, { onError: quiet }),
    freshDatabase(busMigrations, { onError: quiet }),
    testIssuer(),
    mkdtemp(join(tmpdir(), 'oppi-reporting-')),
  ]);
  const rootKeyFile = join(folder, 'root-key');
  await writeFile(rootKeyFile, randomBytes(32).toString('base64'), { mode: 0o600 });
  const start = () =>
    startReporting({
      APP_ENV: 'test',
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: 0,
      GRPC_HOST: '127.0.0.1',
      GRPC_PORT: 0,
      LOG_LEVEL: 'silent',
      POSTGRES_URL: database.applicationUrl,
      POSTGRES_OWNER_URL: database.url,
      BUS_URL: log.url,
      ROOT_KEY_FILE: rootKeyFile,
      ...issuer.config,
    });
  const bus = new PgLogBus({ url: log.url, onError: quiet });
  let service = await start();
  let wires = bothWires(service);
  const provider = randomUUID();
  const numbers = async (text: string): Promise<bigint[]> => {
    const { rows } = await database.pool.query<{ n: string | null }>(text);
    return rows.map(({ n }) => BigInt(n ?? 0));
  };
  return {
    database,
    log,
    bus,
    issuer,
    start,
    service: () => service,
    wire: (name: 'http' | 'grpc'): Wire => wires[name],
    /** Stops the service, does something meanwhile, and starts it again. */
    restart: async (meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<void> => {
      wires.close();
      await service.stop();
      await meanwhile();
      service = await start();
      wires = bothWires(service);
    },
    say: async (organisationId: string, ...said: (Said | Said[])[]): Promise<void> => {
      for (const each of said.flat()) await bus.publish(`${each.service}.events.v1`, [message(organisationId, each)]);
    },
    /** Waits until everything published lies in the inbox, is folded, and nothing is due any more. */
    settled: (): Promise<void> =>
      eventually(async () => {
        const published = await log.pool.query<{ n: string }>(
          "select coalesce(sum(next_offset), 0) as n from bus_topics where topic in ('goal.events.v1', 'coaching.events.v1')",
        );
        const [taken] = await numbers('select sum(next_offset) as n from inbox_offsets');
        expect(taken).toBe(BigInt(published.rows[0]?.n ?? 0));
        const [inbox, own] = await numbers(
          'select max(position) as n from inbox union all select max(position) from events',
        );
        expect(await readPositions(database.pool)).toEqual({ inbox, ledger: own });
        const { rows } = await database.pool.query<{ id: string }>(
          `select organisation_id as id from organisations where organisation_id not in
             (select organisation_id from parked_messages where organisation_id is not null)`,
        );
        const due = await findDue(
          database.pool,
          rows.map(({ id }) => id),
          10,
        );
        expect(due).toEqual({ charges: [], reversals: [], locks: [] });
      }),
    roles: async (organisationId: string) => {
      const coachId = randomUUID();
      return {
        operations: await issuer.token('operations', provider, { clients: [organisationId] }),
        billing: await issuer.token('billing', provider, { clients: [organisationId] }),
        sponsor: await issuer.token('sponsor', organisationId),
        manager: await issuer.token('manager', organisationId),
        integration: await issuer.token('integration', organisationId),
        coach: await issuer.token('coach', provider, { actorId: coachId, clients: [organisationId] }),
        coachId,
        learner: await issuer.token('learner', organisationId),
        stranger: await issuer.token('sponsor', randomUUID()),
      };
    },
    leave: async (): Promise<void> => {
      wires.close();
      await service.stop();
      await bus.close();
      await Promise.all([database.drop(), log.drop(), issuer.stop(), rm(folder, { recursive: true })]);
    },
  };
};
export type ReportingStage = Awaited<ReturnType<typeof reportingOnStage>>;

/** A client with goals of one learner under one commitment, and a biller's view of it. */
export const aClient = async (stage: ReportingStage, goals = 2) => {
  const organisationId = randomUUID();
  const tokens = await stage.roles(organisationId);
  const [commitmentId, personId] = [randomUUID(), randomUUID()];
  const goalIds = Array.from({ length: goals }, () => randomUUID());
  await stage.say(
    organisationId,
    says.organisation(organisationId),
    ...goalIds.map((goalId) => says.goal(goalId, personId)),
  );
  const say = (...said: (Said | Said[])[]): Promise<void> => stage.say(organisationId, ...said);
  return { organisationId, tokens, commitmentId, personId, goalIds, say };
};
export type TestClient = Awaited<ReturnType<typeof aClient>>;
