import { GoalAgreed } from '@oppi/contracts/goal/v1/goal_events';
import type { Database } from '@oppi/database';
import type { Recorded } from '@oppi/event-sourcing';
import { randomUUID } from 'node:crypto';
import type { Bus, Message } from '../bus';
import { type Publication, toMessages } from '../envelope';
import { Inbox, type InboxOptions } from '../inbox';
import { InboxConsumer, type InboxConsumerOptions } from '../inbox-consumer';
import { type InboxEvent, InboxLog } from '../inbox-log';
import { ParkedMessages } from '../parked-messages';
import type { Decoders } from '../reading';
import { Relay, type RelayOptions } from '../relay';
import { EventList } from './event-list';
import type { Stage } from './stage';

export const GOAL_AGREED = 'goal.v1.GoalAgreed';

export const decoders: Decoders = { [GOAL_AGREED]: (value) => GoalAgreed.decode(value) };

/** What every message here is about; which aggregate it is, its envelope says. */
export const GOAL_ID = '00000000-0000-4000-8000-000000000007';

export const publishAsAgreed = (_event: Recorded): Publication[] => [
  { type: GOAL_AGREED, value: GoalAgreed.encode({ goalId: GOAL_ID }).finish() },
];

/** The message that a relay makes of an event, changed where a test wants it wrong. */
export const messageOf = (
  event: Recorded,
  change: { headers?: object; value?: Uint8Array; key?: string } = {},
): Message => {
  const [message] = toMessages('goal', event, publishAsAgreed(event));
  if (!message) throw new Error('An event makes one message here.');
  const headers = Object.entries({ ...message.headers, ...change.headers }).filter(([, text]) => text !== undefined);
  return { ...message, ...change, headers: Object.fromEntries(headers) };
};

type ScenePlace = Pick<Stage, 'connect' | 'serviceDatabase'>;

/** One publishing and one consuming service on a topic and with a database of their own. Ends all that it began. */
export class Scene {
  readonly topic = `goal.events.v1.${randomUUID()}`;
  readonly group = `reporting.${randomUUID()}`;
  readonly events = new EventList();
  readonly errors: Error[] = [];
  private readonly endings: (() => Promise<void>)[] = [];

  private constructor(
    private readonly stage: ScenePlace,
    readonly database: Database,
    drop: () => Promise<void>,
  ) {
    this.endings.push(drop);
  }

  static async open(stage: ScenePlace): Promise<Scene> {
    const { pool, drop } = await stage.serviceDatabase();
    return new Scene(stage, pool, drop);
  }

  async end(): Promise<void> {
    for (const ending of this.endings.splice(0).reverse()) await ending();
  }

  readonly note = (error: Error): void => void this.errors.push(error);

  bus(): Bus {
    const bus = this.stage.connect(this.note);
    this.endings.push(() => bus.close());
    return bus;
  }

  relay(change: Partial<RelayOptions> = {}): Relay {
    const { topic, events: log, database, note: onError } = this;
    const bus = change.bus ?? this.bus();
    const options = { source: 'goal', topic, log, database, translate: publishAsAgreed, onError, leaseMs: 1_500 };
    const relay = new Relay({ ...options, ...change, bus });
    this.endings.push(() => relay.stop());
    relay.start();
    return relay;
  }

  inbox(change: Partial<InboxOptions> = {}): Inbox {
    return new Inbox({ database: this.database, decoders, ...change });
  }

  consumer(change: Partial<InboxConsumerOptions> = {}): InboxConsumer {
    const { group, note: onError, topic } = this;
    const bus = change.bus ?? this.bus();
    const consumer = new InboxConsumer({ inbox: this.inbox(), group, topics: [topic], onError, ...change, bus });
    this.endings.push(() => consumer.stop());
    consumer.start();
    return consumer;
  }

  park(change: Partial<InboxOptions> = {}): ParkedMessages {
    return new ParkedMessages({ database: this.database, decoders, ...change });
  }

  /** Everything in the inbox, in its order. */
  taken(): Promise<InboxEvent[]> {
    return new InboxLog({ database: this.database, decoders }).readAfter(0n, 1_000_000);
  }

  /** Source positions of one organisation as they lie in the inbox. */
  async takenOf(organisationId: string): Promise<bigint[]> {
    const taken = await this.taken();
    return taken.filter((event) => event.organisationId === organisationId).map(({ sourcePosition }) => sourcePosition);
  }

  async untilTaken(count: number): Promise<void> {
    await until(async () => {
      const { rows } = await this.database.query<{ n: number }>('select count(*)::integer as n from inbox');
      return (rows[0]?.n ?? 0) >= count;
    });
  }
}

/** Waits until something is so; the test's own time limit ends it. What cannot be asked just now is asked again. */
export const until = async (isSo: () => Promise<boolean> | boolean): Promise<void> => {
  for (;;) {
    try {
      if (await isSo()) return;
    } catch {
      // the database may be down: that is what some tests are about
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

/** Something to hold a process at a point, and let it go on. */
export class Gate {
  readonly reached: Promise<void>;
  private arrive: () => void = () => undefined;
  private open: () => void = () => undefined;
  private readonly opened: Promise<void>;

  constructor() {
    this.reached = new Promise((resolve) => (this.arrive = resolve));
    this.opened = new Promise((resolve) => (this.open = resolve));
  }

  /** Says that somebody is here, and keeps him until it is opened. */
  pass(): Promise<void> {
    this.arrive();
    return this.opened;
  }

  letThrough(): void {
    this.open();
  }
}
