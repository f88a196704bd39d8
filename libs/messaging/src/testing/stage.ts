import type { Database } from '@oppi/database';
import type { Bus } from '../bus';

/** What an adapter brings along to be put through the suite. */
export type Stage = Readonly<{
  /** A new member at the log under test, with connections of its own, as another process would have. */
  connect: (onError: (error: Error) => void) => Bus;
  /** An empty database of one service, with `relayMigrations` and `inboxMigrations`. */
  serviceDatabase: () => Promise<Readonly<{ pool: Database; drop: () => Promise<void> }>>;
  /** Cuts all connections to the log, and to the services' databases if it can; new ones are let in. */
  cutConnections: () => Promise<void>;
  /** Ends the log as a power cut would, and starts it again. */
  crash: () => Promise<void>;
  /** Forgets the messages of a topic below an offset. */
  trim: (topic: string, below: bigint) => Promise<void>;
  /** The log gives up the group's present reader as dead, without that reader's knowing. */
  depose: (group: string) => Promise<void>;
  end: () => Promise<void>;
}>;
