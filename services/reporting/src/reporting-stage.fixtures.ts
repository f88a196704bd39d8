import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as coaching from '@oppi/contracts/coaching/v1/coaching_events';
import * as goal from '@oppi/contracts/goal/v1/goal_events';
import { busMigrations, type Message, PgLogBus } from '@oppi/messaging';
import { bothWires, testIssuer, type Wire } from '@oppi/service/testing';
import { freshDatabase } from '@oppi/testing';
import { findDue } from './billing/due';
import { readPositions } from './billing/read-positions';
import { reportingMigrations } from './infrastructure/migrations';
import { startReporting } from './reporting.module';

const quiet = (): void => undefined;

/** A fact to be published: of which service, on what, when it was recorded and by whom. */
export type Said = Readonly<{
  service: 'goal' | 'coaching';
  type: string;
  value: Uint8Array;
  subject: string;
  at?: string;
  by?: string;
  eventId?: string;
  position?: number;
}>;

let positions = 0;

/** A message as the relay of that service would publish it. */
const message = (organisationId: string, said: Said): Message => {
  positions += 1;
  const at = new Date(said.at ?? '2026-02-01T10:00:00Z').toISOString();
  return {
    key: organisationId,
    value: said.value,
    headers: {
      ce_specversion: '1.0',
      ce_id: said.eventId ?? randomUUID(),
      ce_source: `/${said.service}`,
      ce_type: `${said.service}.v1.${said.type}`,
      ce_time: at,
      ce_recordedtime: at,
      ce_subject: said.subject,
      ce_partitionkey: organisationId,
      ce_organisationid: organisationId,
      ce_position: String(said.position ?? positions),
      ce_index: '0',
      ce_streamversion: '1',
      ce_actorid: said.by ?? randomUUID(),
      ce_actorrole: 'operations',
      ce_correlationid: randomUUID(),
      'content-type': 'application/protobuf',
    },
  };
};

type When = { at?: string; by?: string };
type Encoded = { finish(): Uint8Array };
const onGoal = (goalId: string, type: string, encoded: Encoded, when: When = {}): Said => ({
  service: 'goal',
  type,
  value: encoded.finish(),
  subject: `goal-${goalId}`,
  ...when,
});

export const PRICE = 4990;

/** What goal and coaching say, fact by fact. */
export const says = {
  organisation: (organisationId: string, timeZone = 'Europe/Helsinki'): Said => ({
    service: 'goal',
    type: 'OrganisationRegistered',
    value: goal.OrganisationRegistered.encode({ organisationId, timeZone, currency: 'EUR' }).finish(),
    subject: 'organisation',
  }),
  goal: (goalId: string, personId: string | undefined): Said[] => {
    const about = { goalId, personId, teamId: undefined, dueOn: '2026-12-31', imported: false };
    return [
      onGoal(goalId, 'GoalProposed', goal.GoalProposed.encode(goal.GoalProposed.fromPartial(about))),
      onGoal(
        goalId,
        'GoalAgreed',
        goal.GoalAgreed.encode(goal.GoalAgreed.fromPartial({ goalId, effectiveOn: '2026-01-15' })),
      ),
    ];
  },
  commitment: (commitmentId: string, goalIds: string[], more: Partial<goal.CommitmentAgreed> = {}): Said => ({
    service: 'goal',
    type: 'CommitmentAgreed',
    value: goal.CommitmentAgreed.encode({
      commitmentId,
      name: 'Claims speak Finnish',
      goalIds,
      threshold: goalIds.length,
      dueOn: '2026-09-30',
      priceMinor: String(PRICE),
      currency: 'EUR',
      vatRateBasisPoints: 2550,
      effectiveOn: '2026-01-20',
      ...more,
    }).finish(),
    subject: `commitment-${commitmentId}`,
  }),
  evidence: (goalId: string, evidenceId: string, effectiveOn: string, verifier: When = {}): Said[] => [
    onGoal(
      goalId,
      'EvidenceSubmitted',
      goal.EvidenceSubmitted.encode({ goalId, evidenceId, kind: 'test', effectiveOn }),
    ),
    onGoal(
      goalId,
      'EvidenceAccepted',
      goal.EvidenceAccepted.encode({ goalId, evidenceId, criterionIds: ['pass'] }),
      verifier,
    ),
  ],
  attained: (
    goalId: string,
    effectiveOn: string,
    more: { outcomeNo?: number; evidenceIds?: string[] } & When = {},
  ): Said => {
    const { outcomeNo = 1, evidenceIds = [], ...when } = more;
    return onGoal(
      goalId,
      'GoalAttained',
      goal.GoalAttained.encode({ goalId, outcomeNo, evidenceIds, effectiveOn }),
      when,
    );
  },
  revoked: (goalId: string, groundOn: string, more: { outcomeNo?: number; evidenceId?: string } & When = {}): Said => {
    const { outcomeNo = 1, evidenceId = randomUUID(), ...when } = more;
    return onGoal(
      goalId,
      'AttainmentRevoked',
      goal.AttainmentRevoked.encode({ goalId, outcomeNo, evidenceId, groundOn }),
      when,
    );
  },
  coach: (personId: string, coachId: string, effectiveOn: string, assignmentNo = 1): Said => ({
    service: 'coaching',
    type: 'CoachAssigned',
    value: coaching.CoachAssigned.encode({ personId, coachId, assignmentNo, effectiveOn }).finish(),
    subject: `learner-${personId}`,
  }),
  coachLeft: (personId: string, coachId: string, effectiveOn: string, assignmentNo = 1): Said => ({
    service: 'coaching',
    type: 'CoachUnassigned',
    value: coaching.CoachUnassigned.encode({ personId, coachId, assignmentNo, effectiveOn }).finish(),
    subject: `learner-${personId}`,
  }),
};

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
