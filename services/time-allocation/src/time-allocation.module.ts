import { readFile } from 'node:fs/promises';
import { type DynamicModule } from '@nestjs/common';
import { DATABASE, type Database, FOR_REQUESTS, FOR_WORK, openPool, openReads, prepareDatabase } from '@oppi/database';
import type { Clock } from '@oppi/event-sourcing';
import { EventStore, Vault } from '@oppi/event-store';
import type { ImportLimits } from '@oppi/history-import';
import { Reactor } from '@oppi/intake';
import { coachAssignments } from '@oppi/learner-coaches';
import { type Bus, Inbox, InboxConsumer, InboxLog, openBus, ParkedMessages, Relay } from '@oppi/messaging';
import { Projector } from '@oppi/projections';
import { openClock, openLog, type RunningService, startService } from '@oppi/service';
import { publicationsOf } from './features/publish-time-events/time-events.publication';
import { timeEntries } from './features/time-account/time-entries.projection';
import { timeShortfalls } from './features/time-shortfalls/time-shortfalls.projection';
import { timeAllocationMigrations } from './infrastructure/migrations';
import { decoders } from './known/facts';
import { KnownFacts } from './known/known-facts';
import { knownFromGoal } from './known/known.projections';
import { planTimeOfAgreedGoal } from './reactions/plan-agreed-goal';
import type { TimeAllocationConfig } from './time-allocation.config';
import { history, timeAllocationHandlers, timeAllocationOperations } from './time-allocation.operations';

type Report = (part: string) => (error: unknown) => void;
type Connections = { database: Database; bus: Bus; store: EventStore; clock: Clock };
type Parts = { database: Database; store: EventStore; limits: ImportLimits };

const moduleOf = ({ database, store, limits }: Parts): DynamicModule => ({
  module: class TimeAllocationModule {},
  controllers: [...history.controllers],
  providers: [
    { provide: DATABASE, useValue: database },
    { provide: EventStore, useValue: store },
    { provide: ParkedMessages, useValue: new ParkedMessages({ database, decoders }) },
    KnownFacts,
    ...history.providers({ database, limits }),
    ...timeAllocationHandlers,
  ],
});

/** Part of the key of every command that a reaction sends: never changes. */
const CONSUMER = 'time-allocation.reactions';

/** Takes in what goal and coaching tell, folds it, and reacts to it. */
const openIntake = ({ database, bus, store, clock }: Connections, report: Report) => {
  const source = new InboxLog({ database, decoders });
  const projector = new Projector({
    database,
    source,
    projections: [...knownFromGoal, coachAssignments],
    onError: report('intake'),
    onBatch: () => {
      reactor.nudge();
    },
  });
  const facts = new KnownFacts(database);
  const reactor = new Reactor({
    database,
    source,
    consumer: CONSUMER,
    on: { 'goal.v1.GoalAgreed': planTimeOfAgreedGoal({ store, facts, clock, consumer: CONSUMER }) },
    lookingInto: knownFromGoal.map(({ table }) => table.name),
    onError: report('reactor'),
  });
  const consumer = new InboxConsumer({
    bus,
    inbox: new Inbox({ database, decoders }),
    group: 'time-allocation.inbox',
    topics: ['goal.events.v1', 'coaching.events.v1'],
    onAppended: () => {
      projector.nudge();
    },
    onError: report('consumer'),
  });
  return { projector, reactor, consumer };
};

/** Publishes the service's own facts and folds them. */
const openOutlet = ({ database, bus, store }: Connections, report: Report) => {
  const relay = new Relay({
    source: 'time-allocation',
    topic: 'time-allocation.events.v1',
    log: store,
    database,
    bus,
    translate: publicationsOf,
    onError: report('relay'),
  });
  const projections = [timeEntries, timeShortfalls];
  const projector = new Projector({ database, source: store, projections, onError: report('projector') });
  store.onAppended((position) => {
    relay.nudge(position);
    projector.nudge();
  });
  return { relay, projector };
};

/** Starts time-allocation: brings its database up to date, its workers to life, and both wires up. */
export const startTimeAllocation = async (config: TimeAllocationConfig): Promise<RunningService> => {
  const log = openLog('time-allocation', config.LOG_LEVEL);
  const report: Report = (part) => (error) => {
    log.error({ err: error, context: part }, 'will be tried again');
  };
  const rootKey = Buffer.from(await readFile(config.ROOT_KEY_FILE, 'utf8'), 'base64');
  await prepareDatabase(config, timeAllocationMigrations);
  const database = openPool(config.POSTGRES_URL, report('database'), FOR_REQUESTS);
  const reads = openReads(database, config.POSTGRES_URL, report('database'));
  const work = openPool(config.POSTGRES_URL, report('database'), FOR_WORK);
  const store = new EventStore(database, new Vault(database, rootKey));
  const bus = openBus({ url: config.BUS_URL, onError: report('bus') });
  const clock = await openClock(config, database);
  const intake = openIntake({ database: work, bus, store, clock }, report);
  const { relay, projector } = openOutlet({ database: work, bus, store, clock }, report);
  const limits: ImportLimits = {
    backlogIsTooLong: () => relay.lag() > BigInt(config.IMPORT_MOST_LAG),
    mostWaitMs: config.IMPORT_MOST_WAIT_MS,
  };
  const workers = [intake.consumer, intake.projector, intake.reactor, projector, relay];

  const running = await startService({
    name: 'time-allocation',
    grpcService: 'time_allocation.v1.TimeAllocationService',
    protos: ['time_allocation/v1/time_allocation_service.proto'],
    module: moduleOf({ database: reads, store, limits }),
    operations: timeAllocationOperations,
    config,
    clock,
    log,
    readiness: {
      database: async () => {
        await database.query('select 1');
      },
    },
    metrics: [store, intake.consumer, intake.reactor, relay, projector].map((part) => () => part.metrics()),
    drain: [...workers.map((worker) => () => worker.stop()), () => bus.close(), () => work.end(), () => reads.end()],
  });
  for (const worker of workers) worker.start();
  return running;
};
