import type { Migration } from '@oppi/database';
import { eventStoreMigrations } from '@oppi/event-store';
import { importMigrations } from '@oppi/history-import';
import { reactionMigrations } from '@oppi/intake';
import { inboxMigrations, relayMigrations } from '@oppi/messaging';
import { projectionMigrations } from '@oppi/projections';
import { clockMigrations } from '@oppi/service';
import { CreateGoalList1795400500000 } from './1795400500000-create-goal-list';
import { CreateCompetenceGaps1795401000000 } from './1795401000000-create-competence-gaps';
import { CreateEvidenceList1795401100000 } from './1795401100000-create-evidence-list';
import { CreateErasures1795401150000 } from './1795401150000-create-erasures';
import { CreateLearnerCoaches1795401200000 } from './1795401200000-create-learner-coaches';

/** The whole schema of goal's database, in order. */
export const goalMigrations: readonly Migration[] = [
  ...eventStoreMigrations,
  ...projectionMigrations,
  ...relayMigrations,
  ...inboxMigrations,
  ...clockMigrations,
  CreateGoalList1795400500000,
  ...importMigrations,
  ...reactionMigrations,
  CreateCompetenceGaps1795401000000,
  CreateEvidenceList1795401100000,
  CreateErasures1795401150000,
  CreateLearnerCoaches1795401200000,
];
