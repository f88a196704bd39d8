import { readFile } from 'node:fs/promises';
import { type DynamicModule } from '@nestjs/common';
import {
  DATABASE,
  type Database,
  FOR_REQUESTS,
  FOR_WORK,
  openPool,
  openReads,
  prepareDatabase,
  WORK_DATABASE,
} from '@oppi/database';
import { EventStore, Vault } from '@oppi/event-store';
import { InboxLog, openBus, ParkedMessages } from '@oppi/messaging';
import { openClock, openLog, type RunningService, startService } from '@oppi/service';
import { Feeds } from './billing/feeds';
import { LineExplainer } from './explanation/line-explainer';
import { FigureReader } from './figures/figure-reader';
import { reportingMigrations } from './infrastructure/migrations';
import { LedgerReader } from './ledger/ledger-reader';
import { StatementDocuments } from './ledger/statement-documents';
import { decoders } from './read-models/facts';
import type { ReportingConfig } from './reporting.config';
import { reportingHandlers, reportingOperations } from './reporting.operations';
import { workersOf } from './reporting.workers';

type Parts = {
  database: Database;
  work: Database;
  store: EventStore;
  inboxLog: InboxLog;
  parked: ParkedMessages;
  feeds: Feeds;
};

const moduleOf = ({ database, work, store, inboxLog, parked, feeds }: Parts): DynamicModule => ({
  module: class ReportingModule {},
  providers: [
    { provide: DATABASE, useValue: database },
    { provide: WORK_DATABASE, useValue: work },
    { provide: EventStore, useValue: store },
    { provide: InboxLog, useValue: inboxLog },
    { provide: ParkedMessages, useValue: parked },
    { provide: Feeds, useValue: feeds },
    { provide: FigureReader, useValue: new FigureReader(database, parked) },
    { provide: LedgerReader, useValue: new LedgerReader(database) },
    StatementDocuments,
    LineExplainer,
    ...reportingHandlers,
  ],
});

/** Starts reporting: brings its database up to date, takes in facts, folds them, bills, and answers on both wires. */
export const startReporting = async (config: ReportingConfig): Promise<RunningService> => {
  const log = openLog('reporting', config.LOG_LEVEL);
  const report =
    (part: string) =>
    (error: unknown): void => {
      log.error({ err: error, context: part }, 'will be tried again');
    };
  const rootKey = Buffer.from(await readFile(config.ROOT_KEY_FILE, 'utf8'), 'base64');
  await prepareDatabase(config, reportingMigrations);
  const database = openPool(config.POSTGRES_URL, report('database'), FOR_REQUESTS);
  const reads = openReads(database, config.POSTGRES_URL, report('database'));
  const work = openPool(config.POSTGRES_URL, report('database'), FOR_WORK);
  const store = new EventStore(database, new Vault(database, rootKey));
  const bus = openBus({ url: config.BUS_URL, onError: report('bus') });
  const clock = await openClock(config, database);
  const parked = new ParkedMessages({ database, decoders });
  const workers = workersOf({ database: work, store, parked, bus, clock, log, report });
  const { inboxLog, consumer } = workers;

  const running = await startService({
    name: 'reporting',
    grpcService: 'reporting.v1.ReportingService',
    protos: ['reporting/v1/reporting_service.proto'],
    module: moduleOf({
      database: reads,
      work,
      store,
      inboxLog,
      parked,
      feeds: new Feeds({ database, inboxLog, parked, consumer }),
    }),
    operations: reportingOperations,
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
