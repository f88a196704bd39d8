import { type DynamicModule } from '@nestjs/common';
import { DATABASE, type Database, migrate, openPool } from '@oppi/database';
import { Inbox, InboxConsumer, type InboxEvent, InboxLog, openBus, ParkedMessages } from '@oppi/messaging';
import { Projector } from '@oppi/projections';
import { type Log, openClock, openLog, type RunningService, startService } from '@oppi/service';
import { FigureReader } from './figures/figure-reader';
import { reportingMigrations } from './infrastructure/migrations';
import { decoders } from './read-models/facts';
import { readModels } from './read-models/read-models';
import type { ReportingConfig } from './reporting.config';
import { reportingHandlers, reportingOperations } from './reporting.operations';

type Parts = { database: Database; inboxLog: InboxLog; parked: ParkedMessages };

const moduleOf = ({ database, inboxLog, parked }: Parts): DynamicModule => ({
  module: class ReportingModule {},
  providers: [
    { provide: DATABASE, useValue: database },
    { provide: InboxLog, useValue: inboxLog },
    { provide: ParkedMessages, useValue: parked },
    { provide: FigureReader, useValue: new FigureReader(database, parked) },
    ...reportingHandlers,
  ],
});

/** Says at debug level which request's facts have become figures: the last hop of a trace. */
const traceHops =
  (log: Log) =>
  (events: readonly InboxEvent[]): void => {
    if (log.level !== 'debug' && log.level !== 'trace') return;
    for (const { correlationId, type, position } of events)
      log.debug({ trace_id: correlationId, kind: type, inbox_position: Number(position) }, 'projected');
  };

type Report = (part: string) => (error: unknown) => void;

/** How facts come in and become read models: bus, inbox, projector. */
const intakeOf = (config: ReportingConfig, database: Database, log: Log, report: Report) => {
  const bus = openBus({ url: config.BUS_URL, onError: report('bus') });
  const inboxLog = new InboxLog({ database, decoders });
  const projector = new Projector({
    database,
    source: inboxLog,
    projections: readModels,
    onError: report('projector'),
    onBatch: traceHops(log),
  });
  const consumer = new InboxConsumer({
    bus,
    inbox: new Inbox({ database, decoders }),
    group: 'reporting.inbox',
    topics: ['goal.events.v1'],
    onAppended: () => {
      projector.nudge();
    },
    onError: report('consumer'),
  });
  return { bus, inboxLog, projector, consumer };
};

/** Starts reporting: brings its database up to date, takes in facts, folds them, and answers on both wires. */
export const startReporting = async (config: ReportingConfig): Promise<RunningService> => {
  const log = openLog('reporting', config.LOG_LEVEL);
  const report: Report = (part) => (error) => {
    log.error({ err: error, context: part }, 'will be tried again');
  };
  await migrate(config.POSTGRES_URL, reportingMigrations);
  const database = openPool(config.POSTGRES_URL, report('database'));
  const { bus, inboxLog, projector, consumer } = intakeOf(config, database, log, report);
  const parked = new ParkedMessages({ database, decoders });

  const running = await startService({
    name: 'reporting',
    grpcService: 'reporting.v1.ReportingService',
    protos: ['reporting/v1/reporting_service.proto'],
    module: moduleOf({ database, inboxLog, parked }),
    operations: reportingOperations,
    config,
    clock: await openClock(config, database),
    log,
    readiness: {
      database: async () => {
        await database.query('select 1');
      },
    },
    metrics: [consumer, projector].map((part) => () => part.metrics()),
    drain: [() => consumer.stop(), () => projector.stop(), () => bus.close(), () => database.end()],
  });
  consumer.start();
  projector.start();
  return running;
};
