import type { Database } from '@oppi/database';
import type { Clock } from '@oppi/event-sourcing';
import type { EventStore } from '@oppi/event-store';
import { type Bus, Inbox, InboxConsumer, type InboxEvent, InboxLog, type ParkedMessages, Relay } from '@oppi/messaging';
import { Projector } from '@oppi/projections';
import type { Log } from '@oppi/service';
import { BillingWorker } from './billing/billing-worker';
import { publicationsOf } from './features/publish-reporting-events/reporting-events.publication';
import { ledgerModels } from './ledger/ledger-models';
import { decoders } from './read-models/facts';
import { readModels } from './read-models/read-models';

type Parts = Readonly<{
  database: Database;
  store: EventStore;
  parked: ParkedMessages;
  bus: Bus;
  clock: Clock;
  log: Log;
  report: (part: string) => (error: unknown) => void;
}>;

/** Says at debug level which request's facts have become figures: the last hop of a trace. */
const traceHops = (log: Log, events: readonly InboxEvent[]): void => {
  if (log.level !== 'debug' && log.level !== 'trace') return;
  for (const { correlationId, type, position } of events)
    log.debug({ trace_id: correlationId, kind: type, inbox_position: Number(position) }, 'projected');
};

/** Everything that works beside the requests, in the order of intake to output, in which it is also stopped. */
export const workersOf = (parts: Parts) => {
  const { database, store, bus, log, report } = parts;
  const inboxLog = new InboxLog({ database, decoders });
  const billing = new BillingWorker({ ...parts, onError: report('billing') });
  const projector = new Projector({
    database,
    source: inboxLog,
    projections: readModels,
    onError: report('projector'),
    onBatch: (events) => {
      traceHops(log, events);
      billing.nudge();
    },
  });
  const consumer = new InboxConsumer({
    bus,
    inbox: new Inbox({ database, decoders }),
    group: 'reporting.inbox',
    topics: ['goal.events.v1', 'coaching.events.v1'],
    onAppended: () => {
      projector.nudge();
    },
    onError: report('consumer'),
  });
  const ledger = new Projector({ database, source: store, projections: ledgerModels, onError: report('ledger') });
  const relay = new Relay({
    source: 'reporting',
    topic: 'reporting.events.v1',
    log: store,
    database,
    bus,
    translate: publicationsOf,
    onError: report('relay'),
  });
  store.onAppended((position) => {
    relay.nudge(position);
    ledger.nudge();
  });
  const all = [consumer, projector, billing, ledger, relay];
  return {
    inboxLog,
    consumer,
    metrics: [consumer, projector, billing, relay].map((part) => () => part.metrics()),
    start: (): void => {
      for (const worker of all) worker.start();
    },
    stops: all.map((worker) => () => worker.stop()),
  };
};
