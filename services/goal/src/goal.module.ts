import { readFile } from 'node:fs/promises';
import { Client, credentials } from '@grpc/grpc-js';
import { type DynamicModule } from '@nestjs/common';
import { DATABASE, type Database, migrate, openPool } from '@oppi/database';
import { EventStore, Vault } from '@oppi/event-store';
import type { ImportLimits } from '@oppi/history-import';
import { openBus, Relay } from '@oppi/messaging';
import { Projector } from '@oppi/projections';
import { Neighbour, NEIGHBOUR_CHANNEL, openClock, openLog, type RunningService, startService } from '@oppi/service';
import { LearningTime } from './features/agree-goal/learning-time';
import { goalList } from './features/goal-list/goal-list.projection';
import { ClockWorker } from './features/pass-time/clock-worker';
import { publicationsOf } from './features/publish-goal-events/goal-events.publication';
import type { GoalConfig } from './goal.config';
import { goalHandlers, goalOperations, history } from './goal.operations';
import { goalMigrations } from './infrastructure/migrations';

type Parts = { database: Database; store: EventStore; vault: Vault; limits: ImportLimits; time: LearningTime };

const moduleOf = ({ database, store, vault, limits, time }: Parts): DynamicModule => ({
  module: class GoalModule {},
  controllers: [...history.controllers],
  providers: [
    { provide: DATABASE, useValue: database },
    { provide: EventStore, useValue: store },
    { provide: Vault, useValue: vault },
    { provide: LearningTime, useValue: time },
    ...history.providers({ database, limits }),
    ...goalHandlers,
  ],
});

/** time-allocation, where it is known. */
const neighbourOf = ({ TIME_ALLOCATION_GRPC, FEASIBILITY_DEADLINE_MS }: GoalConfig): Neighbour | undefined =>
  TIME_ALLOCATION_GRPC === undefined
    ? undefined
    : new Neighbour({
        name: 'time_allocation',
        client: new Client(TIME_ALLOCATION_GRPC, credentials.createInsecure(), NEIGHBOUR_CHANNEL),
        deadlineMs: FEASIBILITY_DEADLINE_MS,
      });

type Report = (part: string) => (error: unknown) => void;

/** What works in the background: facts out to the bus, the list of goals, and the clock. */
const workersOf = async (config: GoalConfig, database: Database, store: EventStore, report: Report) => {
  const bus = openBus({ url: config.BUS_URL, onError: report('bus') });
  const relay = new Relay({
    source: 'goal',
    topic: 'goal.events.v1',
    log: store,
    database,
    bus,
    translate: publicationsOf,
    onError: report('relay'),
  });
  const projector = new Projector({ database, source: store, projections: [goalList], onError: report('projector') });
  const clock = await openClock(config, database);
  const clockWorker = new ClockWorker({ database, store, clock, onError: report('clock') });
  store.onAppended((position) => {
    relay.nudge(position);
    projector.nudge();
  });
  return { bus, relay, projector, clock, clockWorker };
};

/** Starts goal: brings its database up to date, its workers to life, and both wires up. */
export const startGoal = async (config: GoalConfig): Promise<RunningService> => {
  const log = openLog('goal', config.LOG_LEVEL);
  const report: Report = (part) => (error) => {
    log.error({ err: error, context: part }, 'will be tried again');
  };
  const rootKey = Buffer.from(await readFile(config.ROOT_KEY_FILE, 'utf8'), 'base64');
  await migrate(config.POSTGRES_URL, goalMigrations);
  const database = openPool(config.POSTGRES_URL, report('database'));
  const vault = new Vault(database, rootKey);
  const store = new EventStore(database, vault);
  const { bus, relay, projector, clock, clockWorker } = await workersOf(config, database, store, report);
  const neighbour = neighbourOf(config);
  const time = new LearningTime(neighbour, log);
  // Everything that goal's history names is goal's own, so no run waits to hear of it.
  const limits = { backlogIsTooLong: () => relay.lag() > BigInt(config.IMPORT_MOST_LAG), mostWaitMs: 0 };

  const running = await startService({
    name: 'goal',
    grpcService: 'goal.v1.GoalService',
    protos: ['goal/v1/goal_service.proto'],
    module: moduleOf({ database, store, vault, limits, time }),
    operations: goalOperations,
    config,
    clock,
    log,
    readiness: {
      database: async () => {
        await database.query('select 1');
      },
    },
    metrics: [store, relay, projector, clockWorker, ...(neighbour ? [neighbour] : [])].map(
      (part) => () => part.metrics(),
    ),
    drain: [
      () => Promise.resolve(neighbour?.close()),
      () => clockWorker.stop(),
      () => projector.stop(),
      () => relay.stop(),
      () => bus.close(),
      () => database.end(),
    ],
  });
  relay.start();
  projector.start();
  clockWorker.start();
  return running;
};
