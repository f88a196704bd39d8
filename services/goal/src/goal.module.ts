import { readFile } from 'node:fs/promises';
import { Client } from '@grpc/grpc-js';
import { type DynamicModule } from '@nestjs/common';
import { DATABASE, type Database, FOR_REQUESTS, FOR_WORK, openPool, openReads, prepareDatabase } from '@oppi/database';
import { EventStore, Vault } from '@oppi/event-store';
import type { ImportLimits } from '@oppi/history-import';
import { openBus, ParkedMessages } from '@oppi/messaging';
import {
  Neighbour,
  NEIGHBOUR_CHANNEL,
  neighbourCredentials,
  openClock,
  openLog,
  type RunningService,
  startService,
} from '@oppi/service';
import { OPEN_PLACES } from './domain/open-places';
import { decoders } from './facts/decoders';
import { LearningTime } from './features/agree-goal/learning-time';
import type { GoalConfig } from './goal.config';
import { goalHandlers, goalOperations, history } from './goal.operations';
import { workersOf } from './goal.workers';
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
    { provide: ParkedMessages, useValue: new ParkedMessages({ database, decoders }) },
    ...history.providers({ database, limits }),
    ...goalHandlers,
  ],
});

/** time-allocation, where it is known. */
const neighbourOf = (config: GoalConfig): Neighbour | undefined =>
  config.TIME_ALLOCATION_GRPC === undefined
    ? undefined
    : new Neighbour({
        name: 'time_allocation',
        client: new Client(config.TIME_ALLOCATION_GRPC, neighbourCredentials(config), NEIGHBOUR_CHANNEL),
        deadlineMs: config.FEASIBILITY_DEADLINE_MS,
      });

/** Starts goal: brings its database up to date, its workers to life, and both wires up. */
export const startGoal = async (config: GoalConfig): Promise<RunningService> => {
  const log = openLog('goal', config.LOG_LEVEL);
  const report =
    (part: string) =>
    (error: unknown): void => {
      log.error({ err: error, context: part }, 'will be tried again');
    };
  const rootKey = Buffer.from(await readFile(config.ROOT_KEY_FILE, 'utf8'), 'base64');
  await prepareDatabase(config, goalMigrations);
  const database = openPool(config.POSTGRES_URL, report('database'), FOR_REQUESTS);
  const reads = openReads(database, config.POSTGRES_URL, report('database'));
  const work = openPool(config.POSTGRES_URL, report('database'), FOR_WORK);
  const vault = new Vault(database, rootKey, OPEN_PLACES);
  const store = new EventStore(database, vault);
  const bus = openBus({ url: config.BUS_URL, onError: report('bus') });
  const clock = await openClock(config, database);
  const workers = workersOf({ database: work, store, vault, bus, clock, report });
  const neighbour = neighbourOf(config);
  const time = new LearningTime(neighbour, log);
  // Everything that goal's history names is goal's own, so no run waits to hear of it.
  const limits = { backlogIsTooLong: () => workers.relay.lag() > BigInt(config.IMPORT_MOST_LAG), mostWaitMs: 0 };

  const running = await startService({
    name: 'goal',
    grpcService: 'goal.v1.GoalService',
    protos: ['goal/v1/goal_service.proto'],
    module: moduleOf({ database: reads, store, vault, limits, time }),
    operations: goalOperations,
    config,
    clock,
    log,
    readiness: {
      database: async () => {
        await database.query('select 1');
      },
    },
    metrics: [() => store.metrics(), ...workers.metrics, ...(neighbour ? [() => neighbour.metrics()] : [])],
    drain: [
      async () => {
        await neighbour?.close();
      },
      ...workers.stops,
      () => bus.close(),
      () => work.end(),
      () => reads.end(),
    ],
  });
  workers.start();
  return running;
};
