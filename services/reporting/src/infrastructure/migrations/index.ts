import type { Migration } from '@oppi/database';
import { eventStoreMigrations } from '@oppi/event-store';
import { inboxMigrations, relayMigrations } from '@oppi/messaging';
import { projectionMigrations } from '@oppi/projections';
import { clockMigrations } from '@oppi/service';
import { CreateReadModels1795400600000 } from './1795400600000-create-read-models';
import { CreateBillingReadModels1795400700000 } from './1795400700000-create-billing-read-models';
import { CreateLedger1795400800000 } from './1795400800000-create-ledger';
import { CreateStatementDocuments1795400900000 } from './1795400900000-create-statement-documents';
import { IndexWhatIsDue1795401000000 } from './1795401000000-index-what-is-due';

/** The whole schema of reporting's database, in order. */
export const reportingMigrations: readonly Migration[] = [
  ...eventStoreMigrations,
  ...clockMigrations,
  ...projectionMigrations,
  ...relayMigrations,
  ...inboxMigrations,
  CreateReadModels1795400600000,
  CreateBillingReadModels1795400700000,
  CreateLedger1795400800000,
  CreateStatementDocuments1795400900000,
  IndexWhatIsDue1795401000000,
];
