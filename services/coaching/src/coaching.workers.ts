import type { Database } from '@oppi/database';
import type { Clock } from '@oppi/event-sourcing';
import type { EventStore, Vault } from '@oppi/event-store';
import { Reactor } from '@oppi/intake';
import { type Bus, Inbox, InboxConsumer, InboxLog, Relay } from '@oppi/messaging';
import { Projector } from '@oppi/projections';
import type { CoachingConfig } from './coaching.config';
import { decoders } from './facts/decoders';
import { followedGoals } from './facts/followed-goals.projection';
import { knownOrganisations, knownPersons } from './facts/known.projection';
import { StallWorker } from './features/pass-time/stall-worker';
import { publicationsOf } from './features/publish-coaching-events/coaching-events.publication';
import { eraseLearner } from './reactions/erase-learner';
import { noticeShortfall } from './reactions/notice-shortfall';
import { checkIns } from './read-models/check-ins.projection';
import { concernList } from './read-models/concerns.projection';
import { learners } from './read-models/learners.projection';

/** Part of the key of every command that a reaction sends: never changes. */
const CONSUMER = 'coaching.reactions';

type Parts = Readonly<{
  config: CoachingConfig;
  database: Database;
  store: EventStore;
  /** Workers forget texts, and read none (AUTH-33). */
  vault: Pick<Vault, 'erase'>;
  bus: Bus;
  clock: Clock;
  report: (part: string) => (error: unknown) => void;
}>;

/** What takes facts in: the inbox, the tables made from it, and the reactions to it. */
const intakeOf = ({ config, database, store, vault, bus, clock, report }: Parts) => {
  const source = new InboxLog({ database, decoders });
  const facts = new Projector({
    database,
    source,
    projections: [knownOrganisations, knownPersons, followedGoals],
    onError: report('facts'),
  });
  const reactor = new Reactor({
    database,
    source,
    consumer: CONSUMER,
    on: {
      'goal.v1.PersonErased': eraseLearner({ store, vault, clock, consumer: CONSUMER }),
      'time_allocation.v1.TimeShortfallFound': noticeShortfall({
        store,
        clock,
        consumer: CONSUMER,
        dueDays: config.CONCERN_DUE_DAYS,
      }),
    },
    onError: report('reactor'),
  });
  const consumer = new InboxConsumer({
    bus,
    inbox: new Inbox({ database, decoders }),
    group: 'coaching.inbox',
    topics: ['goal.events.v1', 'time-allocation.events.v1'],
    onAppended: () => {
      facts.nudge();
      reactor.nudge();
    },
    onError: report('consumer'),
  });
  return { facts, reactor, consumer };
};

/** Everything that works beside the requests, stopped in the order of intake to output. */
export const workersOf = (parts: Parts) => {
  const { config, database, store, bus, clock, report } = parts;
  const { facts, reactor, consumer } = intakeOf(parts);
  const relay = new Relay({
    source: 'coaching',
    topic: 'coaching.events.v1',
    log: store,
    database,
    bus,
    translate: publicationsOf,
    onError: report('relay'),
  });
  const projections = [learners, checkIns, concernList];
  const projector = new Projector({ database, source: store, projections, onError: report('projector') });
  const stalls = new StallWorker({ database, store, clock, settings: config, onError: report('clock') });
  store.onAppended((position) => {
    relay.nudge(position);
    projector.nudge();
  });
  const all = [consumer, facts, reactor, stalls, projector, relay];
  return {
    metrics: [consumer, reactor, stalls, projector, relay].map((part) => () => part.metrics()),
    start: (): void => {
      for (const worker of all) worker.start();
    },
    stops: all.map((worker) => () => worker.stop()),
  };
};
