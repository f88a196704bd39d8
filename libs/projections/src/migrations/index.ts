import type { Migration } from '@oppi/database';
import { CreateCheckpoints1795400100000 } from './1795400100000-create-checkpoints';

/** In order; every service with read models lists them before its own tables. */
export const projectionMigrations: readonly Migration[] = [CreateCheckpoints1795400100000];
