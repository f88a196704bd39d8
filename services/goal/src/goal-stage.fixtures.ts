import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { busMigrations } from '@oppi/messaging';
import { bothWires, testIssuer } from '@oppi/service/testing';
import { freshDatabase } from '@oppi/testing';
import type { GoalConfig } from './goal.config';
import { coachingSays } from './coaching-says.fixtures';
import { startGoal } from './goal.module';
import { goalMigrations } from './infrastructure/migrations';

/** The real service on real databases, with a client per wire and a token per role. One a test file. */
export const goalOnStage = async (settings: Partial<GoalConfig> = {}) => {
  const quiet = (): void => undefined;
  const [database, log, issuer, folder] = await Promise.all([
    freshDatabase(goalMigrations, { onError: quiet }),
    freshDatabase(busMigrations, { onError: quiet }),
    testIssuer(),
    mkdtemp(join(tmpdir(), 'oppi-goal-')),
  ]);
  const rootKeyFile = join(folder, 'root-key');
  await writeFile(rootKeyFile, randomBytes(32).toString('base64'), { mode: 0o600 });
  const service = await startGoal({
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
    IMPORT_MOST_LAG: 20_000,
    FEASIBILITY_DEADLINE_MS: 800,
    ...issuer.config,
    ...settings,
  });
  const wires = bothWires(service);
  const provider = randomUUID();
  const coaching = coachingSays(log.url);
  return {
    service,
    wires,
    database,
    bus: log,
    issuer,
    /** Tokens of the roles on both sides of one client organisation; each call is another person. */
    roles: async (organisationId: string) => {
      const at = (role: 'operations' | 'verifier' | 'billing') =>
        issuer.token(role, provider, { clients: [organisationId] });
      const coachId = randomUUID();
      const client = (role: 'sponsor' | 'manager' | 'integration') => issuer.token(role, organisationId);
      return {
        operations: await at('operations'),
        verifier: await at('verifier'),
        coach: await issuer.token('coach', provider, { actorId: coachId, clients: [organisationId] }),
        coachId,
        billing: await at('billing'),
        sponsor: await client('sponsor'),
        manager: await client('manager'),
        integration: await client('integration'),
        learner: (personId: string) => issuer.token('learner', organisationId, { actorId: personId }),
      };
    },
    coaching,
    /** Coaching says who coaches a learner now; goal has heard and folded it. */
    assignCoach: async (organisationId: string, personId: string, coachId: string): Promise<void> => {
      await coaching.publish(organisationId, coaching.assigned(personId, coachId, '2026-01-01'));
      for (let attempt = 1; ; attempt += 1) {
        const { rowCount } = await database.pool.query(
          'select from learner_coaches where organisation_id = $1 and person_id = $2 and coach_id = $3',
          [organisationId, personId, coachId],
        );
        if (rowCount === 1) return;
        if (attempt === 100) throw new Error('Nobody heard of the coach.');
        await pause(50);
      }
    },
    leave: async () => {
      wires.close();
      await coaching.close();
      await service.stop();
      await Promise.all([database.drop(), log.drop(), issuer.stop(), rm(folder, { recursive: true })]);
    },
  };
};
export type GoalStage = Awaited<ReturnType<typeof goalOnStage>>;
