export { EventStore, guard, streamOf, type StreamOf, type Loaded, type Committed } from './event-store';
export { Vault, type Reader, type Text, type Place } from './vault';
export { eventStoreMigrations } from './migrations';
