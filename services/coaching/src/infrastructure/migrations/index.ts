import type { Migration } from '@oppi/database';
import { eventStoreMigrations } from '@oppi/event-store';
import { reactionMigrations } from '@oppi/intake';
import { inboxMigrations, relayMigrations } from '@oppi/messaging';
import { projectionMigrations } from '@oppi/projections';
import { clockMigrations } from '@oppi/service';
import { CreateKnownFacts1795400600000 } from './1795400600000-create-known-facts';
import { CreateCoachingTables1795400700000 } from './1795400700000-create-coaching-tables';
import { CreateReactions1795400800000 } from './1795400800000-create-reactions';

/** The whole schema of coaching's database, in order. */
export const coachingMigrations: readonly Migration[] = [
  ...eventStoreMigrations,
  ...projectionMigrations,
  ...relayMigrations,
  ...inboxMigrations,
  ...clockMigrations,
  CreateKnownFacts1795400600000,
  CreateCoachingTables1795400700000,
  CreateReactions1795400800000,
  ...reactionMigrations,
];
