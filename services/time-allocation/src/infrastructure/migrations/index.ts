import type { Migration } from '@oppi/database';
import { eventStoreMigrations } from '@oppi/event-store';
import { importMigrations } from '@oppi/history-import';
import { reactionMigrations } from '@oppi/intake';
import { inboxMigrations, relayMigrations } from '@oppi/messaging';
import { projectionMigrations } from '@oppi/projections';
import { clockMigrations } from '@oppi/service';
import { CreateKnownFacts1795400500000 } from './1795400500000-create-known-facts';
import { CreateTimeTables1795400600000 } from './1795400600000-create-time-tables';
import { CreateCoachAssignments1795401600000 } from './1795401600000-create-coach-assignments';
import { KnowImportedGoals1795401000000 } from './1795401000000-know-imported-goals';

/** The whole schema of time-allocation's database, in order. */
export const timeAllocationMigrations: readonly Migration[] = [
  ...eventStoreMigrations,
  ...projectionMigrations,
  ...relayMigrations,
  ...inboxMigrations,
  ...clockMigrations,
  CreateKnownFacts1795400500000,
  CreateTimeTables1795400600000,
  ...importMigrations,
  ...reactionMigrations,
  KnowImportedGoals1795401000000,
  CreateCoachAssignments1795401600000,
];
