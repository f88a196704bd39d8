import type { Migration } from '@oppi/database';
import { CreateEventStore1795400000000 } from './1795400000000-create-event-store';
import { AppendByColumns1795400050000 } from './1795400050000-append-by-columns';
import { NoteReaders1795400055000 } from './1795400055000-note-readers';
import { AppendNew1795400060000 } from './1795400060000-append-new';

/** In order; every service with an event store lists them before its own. */
export const eventStoreMigrations: readonly Migration[] = [
  CreateEventStore1795400000000,
  AppendByColumns1795400050000,
  NoteReaders1795400055000,
  AppendNew1795400060000,
];
