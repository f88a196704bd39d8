import type { Migration } from '@oppi/database';
import { eventStoreMigrations } from '@oppi/event-store';
import { importMigrations } from '@oppi/history-import';
import { relayMigrations } from '@oppi/messaging';
import { projectionMigrations } from '@oppi/projections';
import { clockMigrations } from '@oppi/service';
import { CreateGoalList1795400500000 } from './1795400500000-create-goal-list';

/** The whole schema of goal's database, in order. */
export const goalMigrations: readonly Migration[] = [
  ...eventStoreMigrations,
  ...projectionMigrations,
  ...relayMigrations,
  ...clockMigrations,
  CreateGoalList1795400500000,
  ...importMigrations,
];
