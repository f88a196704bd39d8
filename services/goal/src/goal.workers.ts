import type { Database } from '@oppi/database';
import type { Clock } from '@oppi/event-sourcing';
import type { EventStore, Vault } from '@oppi/event-store';
import { Reactor } from '@oppi/intake';
import { type Bus, Inbox, InboxConsumer, InboxLog, Relay } from '@oppi/messaging';
import { Projector } from '@oppi/projections';
import { decoders } from './facts/decoders';
import { ErasureWorker } from './features/erase-person/erasure-worker';
import { openErasures } from './features/erase-person/open-erasures.projection';
import { goalList } from './features/goal-list/goal-list.projection';
import { ClockWorker } from './features/pass-time/clock-worker';
import { publicationsOf } from './features/publish-goal-events/goal-events.publication';
import { competenceGaps } from './features/vision/competence-gaps.projection';
import { evidenceList } from './features/worklist/evidence-list.projection';
import { learnerCoaches } from './read-models/learner-coaches.projection';
import { followCoaches } from './reactions/follow-coaches';

/** Part of the key of every command that a reaction sends: never changes. */
const CONSUMER = 'goal.reactions';

type Parts = Readonly<{
  database: Database;
  store: EventStore;
  /** Workers forget texts, and read none (AUTH-33). */
  vault: Pick<Vault, 'erase'>;
  bus: Bus;
  clock: Clock;
  report: (part: string) => (error: unknown) => void;
}>;

/** What takes facts in: the inbox, and the reactions to it. */
const intakeOf = ({ database, store, bus, clock, report }: Parts) => {
  const reactor = new Reactor({
    database,
    source: new InboxLog({ database, decoders }),
    consumer: CONSUMER,
    on: followCoaches({ store, clock, consumer: CONSUMER }),
    onError: report('reactor'),
  });
  const consumer = new InboxConsumer({
    bus,
    inbox: new Inbox({ database, decoders }),
    group: 'goal.inbox',
    topics: ['coaching.events.v1'],
    onAppended: () => {
      reactor.nudge();
    },
    onError: report('consumer'),
  });
  return { reactor, consumer };
};

/** Everything that works beside the requests, stopped in the order of intake to output. */
export const workersOf = (parts: Parts) => {
  const { database, store, vault, bus, clock, report } = parts;
  const { reactor, consumer } = intakeOf(parts);
  const relay = new Relay({
    source: 'goal',
    topic: 'goal.events.v1',
    log: store,
    database,
    bus,
    translate: publicationsOf,
    onError: report('relay'),
  });
  const projections = [goalList, competenceGaps, evidenceList, openErasures, learnerCoaches];
  const projector = new Projector({ database, source: store, projections, onError: report('projector') });
  const clockWorker = new ClockWorker({ database, store, clock, onError: report('clock') });
  const erasures = new ErasureWorker({ database, store, vault, clock, onError: report('erasures') });
  store.onAppended((position) => {
    relay.nudge(position);
    projector.nudge();
  });
  const all = [consumer, reactor, clockWorker, erasures, projector, relay];
  return {
    relay,
    metrics: all.map((part) => () => part.metrics()),
    start: (): void => {
      for (const worker of all) worker.start();
    },
    stops: all.map((worker) => () => worker.stop()),
  };
};
