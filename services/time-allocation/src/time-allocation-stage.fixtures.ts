import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as coaching from '@oppi/contracts/coaching/v1/coaching_events';
import * as goal from '@oppi/contracts/goal/v1/goal_events';
import { addDays, localDateOf, type Recorded } from '@oppi/event-sourcing';
import { type Batch, busMigrations, type Message, PgLogBus, toMessages } from '@oppi/messaging';
import { bothWires, testIssuer } from '@oppi/service/testing';
import { freshDatabase } from '@oppi/testing';
import { timeAllocationMigrations } from './infrastructure/migrations';
import type { TimeAllocationConfig } from './time-allocation.config';
import { startTimeAllocation } from './time-allocation.module';

/** Messages as the relay of a service makes them of its facts, each in the next place of its log. */
const speakerOf = (service: 'goal' | 'coaching') => {
  let position = 0;
  return (organisationId: string, type: string, value: Uint8Array): Message => {
    position += 1;
    const at = '2026-01-01T00:00:00.000Z';
    const event: Recorded = {
      type,
      data: {},
      position: BigInt(position),
      organisationId,
      streamId: `some-${position}`,
      version: 1,
      eventId: randomUUID(),
      schemaVersion: 1,
      actor: { id: randomUUID(), role: 'operations' },
      commandId: randomUUID(),
      correlationId: randomBytes(16).toString('hex'),
      occurredAt: at,
      recordedAt: at,
    };
    return toMessages(service, event, [{ type: `${service}.v1.${type}`, value }])[0]!;
  };
};

/** Facts as goal publishes them, onto the real bus. */
const goalSpeaks = (bus: PgLogBus) => {
  const messageOf = speakerOf('goal');
  const proposed = (organisationId: string, terms: goal.GoalProposed) =>
    messageOf(organisationId, 'GoalProposed', goal.GoalProposed.encode(terms).finish());
  return {
    organisation: (organisationId: string, timeZone = 'Europe/Helsinki') =>
      messageOf(
        organisationId,
        'OrganisationRegistered',
        goal.OrganisationRegistered.encode({ organisationId, timeZone, currency: 'EUR' }).finish(),
      ),
    person: (organisationId: string, personId: string) =>
      messageOf(organisationId, 'PersonAdded', goal.PersonAdded.encode({ personId }).finish()),
    personErased: (organisationId: string, personId: string) =>
      messageOf(organisationId, 'PersonErased', goal.PersonErased.encode({ personId }).finish()),
    goal: (organisationId: string, goalId: string, personId: string | undefined, dueOn: string) =>
      proposed(organisationId, { goalId, personId, dueOn, imported: false }),
    importedGoal: (organisationId: string, goalId: string, personId: string, dueOn: string) =>
      proposed(organisationId, { goalId, personId, dueOn, imported: true }),
    goalAgreed: (organisationId: string, goalId: string, neededMinutes?: number, effectiveOn = inDays(0)) =>
      messageOf(organisationId, 'GoalAgreed', goal.GoalAgreed.encode({ goalId, effectiveOn, neededMinutes }).finish()),
    goalWithdrawn: (organisationId: string, goalId: string) =>
      messageOf(
        organisationId,
        'GoalWithdrawn',
        goal.GoalWithdrawn.encode({ goalId, outcomeNo: 1, reasonCode: 'left', effectiveOn: '2026-01-01' }).finish(),
      ),
    goalAttained: (organisationId: string, goalId: string) =>
      messageOf(
        organisationId,
        'GoalAttained',
        goal.GoalAttained.encode({ goalId, outcomeNo: 1, evidenceIds: [], effectiveOn: '2026-01-01' }).finish(),
      ),
    attainmentRevoked: (organisationId: string, goalId: string) =>
      messageOf(
        organisationId,
        'AttainmentRevoked',
        goal.AttainmentRevoked.encode({
          goalId,
          outcomeNo: 1,
          evidenceId: randomUUID(),
          groundOn: '2026-01-01',
        }).finish(),
      ),
    publish: (...messages: Message[]) => bus.publish('goal.events.v1', messages),
  };
};

/** Who coaches whom, as coaching publishes it. */
const coachingSpeaks = (bus: PgLogBus) => {
  const messageOf = speakerOf('coaching');
  const publish = (message: Message) => bus.publish('coaching.events.v1', [message]);
  const effectiveOn = '2026-01-01';
  return {
    assigned: (organisationId: string, personId: string, coachId: string, assignmentNo = 1) => {
      const value = coaching.CoachAssigned.encode({ personId, coachId, assignmentNo, effectiveOn }).finish();
      return publish(messageOf(organisationId, 'CoachAssigned', value));
    },
    unassigned: (organisationId: string, personId: string, coachId: string, assignmentNo = 1) => {
      const value = coaching.CoachUnassigned.encode({ personId, coachId, assignmentNo, effectiveOn }).finish();
      return publish(messageOf(organisationId, 'CoachUnassigned', value));
    },
  };
};

/** What time-allocation publishes, as it arrives. */
const listenTo = (bus: PgLogBus) => {
  const heard: { type: string; value: Uint8Array; key: string }[] = [];
  let next = 0n;
  bus.subscribe({
    group: `test-${randomUUID()}`,
    topics: ['time-allocation.events.v1'],
    startAt: async () => next,
    onBatch: async ({ deliveries }: Batch) => {
      for (const { offset, headers, value, key } of deliveries) {
        heard.push({ type: String(headers['ce_type']), value, key });
        next = offset + 1n;
      }
      return {};
    },
    onError: () => undefined,
  });
  return heard;
};

/** The real service on real databases, with a client per wire and a token per role. One a test file. */
export const timeAllocationOnStage = async (settings: Partial<TimeAllocationConfig> = {}) => {
  const quiet = (): void => undefined;
  const [database, log, issuer, folder] = await Promise.all([
    freshDatabase(timeAllocationMigrations, { onError: quiet }),
    freshDatabase(busMigrations, { onError: quiet }),
    testIssuer(),
    mkdtemp(join(tmpdir(), 'oppi-time-')),
  ]);
  const rootKeyFile = join(folder, 'root-key');
  await writeFile(rootKeyFile, randomBytes(32).toString('base64'), { mode: 0o600 });
  const service = await startTimeAllocation({
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
    IMPORT_MOST_WAIT_MS: 10_000,
    ...issuer.config,
    ...settings,
  });
  const wires = bothWires(service);
  const provider = randomUUID();
  const bus = new PgLogBus({ url: log.url, onError: quiet });
  const goalVoice = goalSpeaks(bus);
  const coachingVoice = coachingSpeaks(bus);
  return {
    service,
    wires,
    database,
    issuer,
    busDatabase: log,
    goal: goalVoice,
    coaching: coachingVoice,
    heard: listenTo(bus),
    /** A person with goals that goal has told and the service has heard. */
    learnerWith: async (organisationId: string, goals: { goalId: string; dueOn?: string }[] = []): Promise<string> => {
      const personId = randomUUID();
      const proposed = goals.map(({ goalId, dueOn }) =>
        goalVoice.goal(organisationId, goalId, personId, dueOn ?? inDays(27)),
      );
      await goalVoice.publish(...proposed, goalVoice.person(organisationId, personId));
      await eventually(async () => {
        const { rows } = await database.pool.query(
          'select 1 from persons join organisations using (organisation_id) where person_id = $1',
          [personId],
        );
        expect(rows).toHaveLength(1);
      });
      return personId;
    },
    /** Coaching says who coaches a learner now, and the service has heard it. */
    assignCoach: async (organisationId: string, personId: string, coachId: string): Promise<void> => {
      await coachingVoice.assigned(organisationId, personId, coachId);
      await eventually(async () => {
        const { rowCount } = await database.pool.query(
          'select from coach_assignments where organisation_id = $1 and person_id = $2 and coach_id = $3',
          [organisationId, personId, coachId],
        );
        expect(rowCount).toBe(1);
      });
    },
    /** Tokens of the roles on both sides of one client organisation; each call is another person. */
    roles: async (organisationId: string) => {
      const coachId = randomUUID();
      const at = (role: 'operations' | 'billing') => issuer.token(role, provider, { clients: [organisationId] });
      return {
        operations: await at('operations'),
        coach: await issuer.token('coach', provider, { actorId: coachId, clients: [organisationId] }),
        coachId,
        billing: await at('billing'),
        sponsor: await issuer.token('sponsor', organisationId),
        manager: await issuer.token('manager', organisationId),
        integration: await issuer.token('integration', organisationId),
        learner: (personId: string) => issuer.token('learner', organisationId, { actorId: personId }),
      };
    },
    leave: async () => {
      wires.close();
      await bus.close();
      await service.stop();
      await Promise.all([database.drop(), log.drop(), issuer.stop(), rm(folder, { recursive: true })]);
    },
  };
};
export type TimeAllocationStage = Awaited<ReturnType<typeof timeAllocationOnStage>>;

/** The problem that a call was refused with. */
export const refusal = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'nothing',
    (error: unknown) => (error as { problem: string }).problem,
  );

/** The local day some days from now, where the organisations of the stage are. */
export const inDays = (days: number): string => addDays(localDateOf(new Date(), 'Europe/Helsinki'), days);

/** Tries until it holds: projections and messages lag a moment behind. */
export const eventually = async (check: () => Promise<void> | void): Promise<void> => {
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
