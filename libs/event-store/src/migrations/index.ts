import type { Migration } from '@oppi/database';
import { CreateEventStore1795400000000 } from './1795400000000-create-event-store';

/** In order; every service with an event store lists them before its own. */
export const eventStoreMigrations: readonly Migration[] = [CreateEventStore1795400000000];
