import type { Migration } from '@oppi/database';
import { CreateBus1795400100000 } from './migrations/1795400100000-create-bus';
import { CreateRelayCheckpoints1795400200000 } from './migrations/1795400200000-create-relay-checkpoints';
import { CreateInbox1795400300000 } from './migrations/1795400300000-create-inbox';
import { CreateParkedMessages1795400400000 } from './migrations/1795400400000-create-parked-messages';
import { ParkOnce1795400450000 } from './migrations/1795400450000-park-once';

/** For the embedded log's own database. */
export const busMigrations: readonly Migration[] = [CreateBus1795400100000];

/** For the database of a service that publishes. */
export const relayMigrations: readonly Migration[] = [CreateRelayCheckpoints1795400200000];

/** For the database of a service that listens. */
export const inboxMigrations: readonly Migration[] = [
  CreateInbox1795400300000,
  CreateParkedMessages1795400400000,
  ParkOnce1795400450000,
];
