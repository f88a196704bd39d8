import { readFile } from 'node:fs/promises';
import { type DynamicModule } from '@nestjs/common';
import { DATABASE, type Database, FOR_REQUESTS, FOR_WORK, openPool, openReads, prepareDatabase } from '@oppi/database';
import { EventStore, Vault } from '@oppi/event-store';
import { openBus, ParkedMessages } from '@oppi/messaging';
import { openClock, openLog, type RunningService, startService } from '@oppi/service';
import { type CoachingConfig, SETTINGS, type Settings } from './coaching.config';
import { coachingHandlers, coachingOperations } from './coaching.operations';
import { workersOf } from './coaching.workers';
import { decoders } from './facts/decoders';
import { Known } from './facts/known';
import { PrivateFingerprint } from './features/check-in/private-fingerprint';
import { coachingMigrations } from './infrastructure/migrations';

type Parts = { database: Database; store: EventStore; vault: Vault; rootKey: Buffer; settings: Settings };

const moduleOf = ({ database, store, vault, rootKey, settings }: Parts): DynamicModule => ({
  module: class CoachingModule {},
  providers: [
    { provide: DATABASE, useValue: database },
    { provide: EventStore, useValue: store },
    { provide: Vault, useValue: vault },
    { provide: ParkedMessages, useValue: new ParkedMessages({ database, decoders }) },
    { provide: SETTINGS, useValue: settings },
    { provide: PrivateFingerprint, useValue: new PrivateFingerprint(rootKey) },
    Known,
    ...coachingHandlers,
  ],
});

/** Starts coaching: brings its database up to date, its workers to life, and both wires up. */
export const startCoaching = async (config: CoachingConfig): Promise<RunningService> => {
  const log = openLog('coaching', config.LOG_LEVEL);
  const report =
    (part: string) =>
    (error: unknown): void => {
      log.error({ err: error, context: part }, 'will be tried again');
    };
  const rootKey = Buffer.from(await readFile(config.ROOT_KEY_FILE, 'utf8'), 'base64');
  await prepareDatabase(config, coachingMigrations);
  const database = openPool(config.POSTGRES_URL, report('database'), FOR_REQUESTS);
  const reads = openReads(database, config.POSTGRES_URL, report('database'));
  const work = openPool(config.POSTGRES_URL, report('database'), FOR_WORK);
  const vault = new Vault(database, rootKey);
  const store = new EventStore(database, vault);
  const bus = openBus({ url: config.BUS_URL, onError: report('bus') });
  const clock = await openClock(config, database);
  const workers = workersOf({ config, database: work, store, vault, bus, clock, report });

  const running = await startService({
    name: 'coaching',
    grpcService: 'coaching.v1.CoachingService',
    protos: ['coaching/v1/coaching_service.proto'],
    module: moduleOf({ database: reads, store, vault, rootKey, settings: config }),
    operations: coachingOperations,
    config,
    clock,
    log,
    readiness: {
      database: async () => {
        await database.query('select 1');
      },
    },
    metrics: [() => store.metrics(), ...workers.metrics],
    drain: [...workers.stops, () => bus.close(), () => work.end(), () => reads.end()],
  });
  workers.start();
  return running;
};
