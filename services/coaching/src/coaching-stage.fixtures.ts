import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as goal from '@oppi/contracts/goal/v1/goal_events';
import * as time from '@oppi/contracts/time_allocation/v1/time_allocation_events';
import { busMigrations, type Message, PgLogBus } from '@oppi/messaging';
import { bothWires, testIssuer } from '@oppi/service/testing';
import { freshDatabase } from '@oppi/testing';
import { startCoaching } from './coaching.module';
import { coachingMigrations } from './infrastructure/migrations';

const quiet = (): void => undefined;
type Said = { type: string; value: Uint8Array; subject: string; eventId?: string; position?: number };

const TOPICS = ['goal.events.v1', 'time-allocation.events.v1'];
let positions = 0;

/** A message as the relay of that service would publish it. */
export const message = (service: string, organisationId: string, said: Said, at = new Date()): Message => {
  positions += 1;
  return {
    key: organisationId,
    value: said.value,
    headers: {
      ce_specversion: '1.0',
      ce_id: said.eventId ?? randomUUID(),
      ce_source: `/${service}`,
      ce_type: said.type,
      ce_time: at.toISOString(),
      ce_recordedtime: at.toISOString(),
      ce_subject: said.subject,
      ce_partitionkey: organisationId,
      ce_organisationid: organisationId,
      ce_position: String(said.position ?? positions),
      ce_index: '0',
      ce_streamversion: '1',
      ce_actorid: randomUUID(),
      ce_actorrole: 'operations',
      ce_correlationid: randomUUID(),
      'content-type': 'application/protobuf',
    },
  };
};

/** What goal says, message by message. */
export const goalSays = {
  organisation: (organisationId: string): Said => ({
    type: 'goal.v1.OrganisationRegistered',
    value: goal.OrganisationRegistered.encode({ organisationId, timeZone: 'UTC', currency: 'EUR' }).finish(),
    subject: `organisation-${organisationId}`,
  }),
  person: (personId: string): Said => ({
    type: 'goal.v1.PersonAdded',
    value: goal.PersonAdded.encode({ personId }).finish(),
    subject: `person-${personId}`,
  }),
  erased: (personId: string): Said => ({
    type: 'goal.v1.PersonErased',
    value: goal.PersonErased.encode({ personId }).finish(),
    subject: `person-${personId}`,
  }),
  proposed: (goalId: string, personId: string, imported = false): Said => ({
    type: 'goal.v1.GoalProposed',
    value: goal.GoalProposed.encode({ goalId, personId, teamId: undefined, dueOn: '2099-01-01', imported }).finish(),
    subject: `goal-${goalId}`,
  }),
  agreed: (goalId: string, effectiveOn: string): Said => ({
    type: 'goal.v1.GoalAgreed',
    value: goal.GoalAgreed.encode({ goalId, effectiveOn }).finish(),
    subject: `goal-${goalId}`,
  }),
  progress: (goalId: string, effectiveOn: string): Said => ({
    type: 'goal.v1.ProgressReported',
    value: goal.ProgressReported.encode({
      goalId,
      milestoneId: undefined,
      percent: 10,
      carriedOver: false,
      effectiveOn,
    }).finish(),
    subject: `goal-${goalId}`,
  }),
  activityDone: (goalId: string, effectiveOn: string): Said => ({
    type: 'goal.v1.ActivityDone',
    value: goal.ActivityDone.encode({ goalId, activityId: randomUUID(), effectiveOn }).finish(),
    subject: `goal-${goalId}`,
  }),
  attained: (goalId: string, effectiveOn: string): Said => ({
    type: 'goal.v1.GoalAttained',
    value: goal.GoalAttained.encode({ goalId, outcomeNo: 1, evidenceIds: [], effectiveOn }).finish(),
    subject: `goal-${goalId}`,
  }),
};

/** What time-allocation says when a goal gets less time than it needs. */
export const shortfall = (personId: string, goalId: string): Said => ({
  type: 'time_allocation.v1.TimeShortfallFound',
  value: time.TimeShortfallFound.encode(
    time.TimeShortfallFound.fromPartial({
      personId,
      goalId,
      neededMinutes: 600,
      givenMinutes: 60,
      dueOn: '2099-01-01',
    }),
  ).finish(),
  subject: `plan-${goalId}`,
});

/** Tries until it holds. */
export const eventually = async (check: () => Promise<void>): Promise<void> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await check();
      return;
    } catch (error) {
      if (attempt === 80) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
};

/** The real service on real databases and the embedded bus, with a client per wire and a token per role. */
export const coachingOnStage = async () => {
  const [database, log, issuer, folder] = await Promise.all([
    freshDatabase(coachingMigrations, { onError: quiet }),
    freshDatabase(busMigrations, { onError: quiet }),
    testIssuer(),
    mkdtemp(join(tmpdir(), 'oppi-coaching-')),
  ]);
  const rootKeyFile = join(folder, 'root-key');
  await writeFile(rootKeyFile, randomBytes(32).toString('base64'), { mode: 0o600 });
  const service = await startCoaching({
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
    LOW_DIAL: 2,
    CONCERN_DUE_DAYS: 5,
    STALLED_AFTER_DAYS: 21,
    CHECK_IN_STALE_DAYS: 30,
    ...issuer.config,
  });
  const bus = new PgLogBus({ url: log.url, onError: quiet });
  const wires = bothWires(service);
  const provider = randomUUID();
  const say = (organisationId: string, ...said: Said[]): Promise<void> =>
    bus.publish(
      'goal.events.v1',
      said.map((each) => message('goal', organisationId, each)),
    );
  return {
    service,
    wires,
    database,
    issuer,
    bus,
    log,
    say,
    /** Waits until everything published so far lies in the inbox, and facts and reactions have passed it. */
    heard: () =>
      eventually(async () => {
        const published = await log.pool.query<{ offset: string }>(
          'select sum(next_offset) as offset from bus_topics where topic = any($1)',
          [TOPICS],
        );
        const { rows } = await database.pool.query<{ offset: string; behind: string }>(
          `select (select sum(next_offset) from inbox_offsets) as offset,
                  (select max(position) from inbox) - least((select position from reaction_checkpoints),
                    (select min(position) from projection_checkpoints
                     where projection in ('known_organisations', 'known_persons', 'followed_goals'))) as behind`,
        );
        expect(rows).toEqual([{ offset: published.rows[0]?.offset, behind: '0' }]);
      }),
    /** Tokens of the roles on both sides of one client organisation. */
    roles: async (organisationId: string) => ({
      operations: await issuer.token('operations', provider, { clients: [organisationId] }),
      manager: await issuer.token('manager', organisationId),
      billing: await issuer.token('billing', provider, { clients: [organisationId] }),
      coach: (actorId: string) => issuer.token('coach', provider, { actorId, clients: [organisationId] }),
      learner: (actorId: string) => issuer.token('learner', organisationId, { actorId }),
    }),
    leave: async () => {
      wires.close();
      await service.stop();
      await bus.close();
      await Promise.all([database.drop(), log.drop(), issuer.stop(), rm(folder, { recursive: true })]);
    },
  };
};
export type CoachingStage = Awaited<ReturnType<typeof coachingOnStage>>;
