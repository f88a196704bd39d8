import type { Migration } from '@oppi/database';
import { inboxMigrations } from '@oppi/messaging';
import { projectionMigrations } from '@oppi/projections';
import { clockMigrations } from '@oppi/service';
import { CreateReadModels1795400600000 } from './1795400600000-create-read-models';

/** The whole schema of reporting's database, in order. */
export const reportingMigrations: readonly Migration[] = [
  ...clockMigrations,
  ...projectionMigrations,
  ...inboxMigrations,
  CreateReadModels1795400600000,
];
