import type { Migration } from '@oppi/database';
import { CreateReactionCheckpoints1795400900000 } from './1795400900000-create-reaction-checkpoints';

/** The table of a service that reacts to facts. */
export const reactionMigrations: readonly Migration[] = [CreateReactionCheckpoints1795400900000];
