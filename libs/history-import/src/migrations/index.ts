import type { Migration } from '@oppi/database';
import { CreateImports1795400600000 } from './1795400600000-create-imports';

/** The tables of a service that takes history in. */
export const importMigrations: readonly Migration[] = [CreateImports1795400600000];
